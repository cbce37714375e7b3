/**
 * One model on one device: compiled kernels, shared buffers, and the two things a trainer asks for, `rollout` and
 * `update`. Parameters belong to policies; any number of them take turns on the shared buffers, since the queue runs
 * in order. Nothing is created after `create` and `createPolicy` but command encoders.
 */
import type { ModelConfig } from '../core/model_config.ts';
import { createKernel, type Kernel } from '../gpu/kernel.ts';
import { type Launch, record, storage, uniform } from '../gpu/launch.ts';
import { type Readback, readBuffer } from '../gpu/readback.ts';
import { Turns } from '../gpu/turns.ts';
import { allocate, type Shared } from './allocation.ts';
import type { Compiled } from './fallback.ts';
import {
  compileFamily,
  kernelSpecs,
  type LossText,
  lossSpec,
  type ModelKernels,
  type Reads,
} from './kernels.ts';
import { createLayout, fitValues, type Layout } from './layout.ts';
import { chooseLossRows, compileLoss, type LossRows, lossWorkgroups } from './loss_rows.ts';
import { optimizerPasses } from './optimizer_passes.ts';
import { Pace } from './pace.ts';
import { buildPasses, type Passes } from './passes.ts';
import { readLaunches } from './read_launches.ts';
import { chooseDecoding } from './rollout_choice.ts';
import { askedMega, compileMega, type Decoding } from './rollout_variants.ts';
import { chooseTile, type TileId } from './tiles.ts';
import { checkLimits, type Sizes, type Workspace, workspaceTable } from './workspace.ts';

/** Parameters and optimizer state of one run. */
export interface Policy {
  theta: GPUBuffer;
  m: GPUBuffer;
  v: GPUBuffer;
  /** Its own: with the value head, where it has one. */
  layout: Layout;
  passes: Passes;
  optimizer: Launch[];
}

/** The fused loss with one set of methods and its own values. */
export interface Loss {
  launch: Launch;
  /** Who computes a row of it. */
  rows: LossRows;
  /** Why that is not who should on such an adapter. */
  note?: string;
  sum: Launch;
  /** Uniform of the methods' settings, in the order of the composed fields. */
  values: GPUBuffer;
  /** K of the methods' constants; 0 where none has some. */
  columns: number;
  /** [rows, K] */
  constants?: GPUBuffer;
  /** What methods read of each row before an update (model/current.ts), where they do. */
  reads: Required<Reads>['reads'];
  readLaunches: Launch[];
}

export class Engine {
  private readonly losses = new Map<string, Promise<Compiled<LossRows, Kernel>>>();
  /** Of the losses, which live as long as the engine. */
  private readonly lossBuffers: GPUBuffer[] = [];
  private readonly policies = new Set<Policy>();
  /**
   * Counts what overwrites activations. Who has run a forward pass and finds the number unchanged later may go on from
   * there: the pass would give the same bits again.
   */
  generation = 0;
  /** The same tokens come of either variant, but for rounding, so a run keeps to one. */
  decoding: Decoding = { variant: 'loop' };
  /** What this adapter does not compile, and what is done instead. */
  readonly notes: string[] = [];
  /** Whoever writes the workspace does so in a turn. */
  readonly turns = new Turns();
  readonly pace = new Pace();
  readonly workspace: Workspace;
  readonly uniforms: Shared['uniforms'];
  readonly updates: Readback;
  readonly rollouts: Readback;
  /** Of model/current.ts. */
  readonly currents: Readback;

  private constructor(
    readonly device: GPUDevice,
    /** Of the base and of every policy without a value head. */
    readonly layout: Layout,
    /** Of policies with a value head, where the engine may have some. */
    readonly valueLayout: Layout | undefined,
    readonly eos: number,
    readonly kernels: ModelKernels,
    private readonly shared: Shared,
  ) {
    this.workspace = shared.workspace;
    this.uniforms = shared.uniforms;
    this.updates = shared.updates;
    this.rollouts = shared.rollouts;
    this.currents = shared.currents;
  }

  /**
   * @param hasValue policies may have a value head; without it nothing of one is compiled or allocated
   * @throws {RangeError} a size beyond the adapter's limits, before anything is allocated
   */
  static async create(
    device: GPUDevice,
    config: ModelConfig,
    eos: number,
    asked: Sizes,
    onProgress?: (done: number, total: number) => void,
    hasValue = false,
  ): Promise<Engine> {
    const layout = createLayout(config);
    const valueLayout = hasValue ? createLayout(config, true) : undefined;
    const widest = valueLayout ?? layout;
    const isAsked = !!askedMega(device, layout, asked).plan;
    const sizes: Sizes = { ...asked, rollout: isAsked ? 'mega' : 'loop' };
    checkLimits(widest, workspaceTable(widest, sizes), device.limits);
    const compilingMega = compileMega(device, layout, eos, asked);
    const specsOf = (tile: TileId) =>
      kernelSpecs(widest, sizes.splits, eos, tile, !!sizes.latent, sizes.gates);
    const wanted = sizes.tile ?? (await chooseTile(device));
    const compiled = await compileFamily(device, wanted, specsOf, onProgress);
    sizes.tile = compiled.id;
    const { kernel: mega, note } = await compilingMega;
    const kernels = mega ? new Map([...compiled.made, ['rollout', mega]]) : compiled.made;
    if (!mega) sizes.rollout = 'loop';
    const shared = await allocate(device, widest, sizes);
    const engine = new Engine(device, layout, valueLayout, eos, kernels, shared);
    if (compiled.note) engine.notes.push(compiled.note);
    if (note) engine.decoding = { variant: 'loop', note };
    if (mega) {
      const choosing = chooseDecoding(engine, asked.rollout === 'timed');
      choosing.catch(() => engine.destroy());
      engine.decoding = await choosing;
    }
    return engine;
  }

  /** Responses may begin with latent positions. */
  get hasLatent(): boolean {
    return !!this.workspace.sizes.latent;
  }

  /**
   * A policy with these parameters, m = v = 0.
   * @param hasValue with a value head, which begins at 0 where the parameters have none
   */
  createPolicy(parameters: Float32Array, hasValue = false): Policy {
    const { device, workspace, kernels, uniforms } = this;
    const layout = hasValue ? (this.valueLayout as Layout) : this.layout;
    const [theta, m, v] = ['theta', 'm', 'v'].map((name) =>
      storage(device, name, 4 * layout.size),
    ) as [GPUBuffer, GPUBuffer, GPUBuffer];
    device.queue.writeBuffer(theta, 0, parameters as Float32Array<ArrayBuffer>);
    const parts = { kernels, workspace, layout, theta };
    const optimizer = optimizerPasses({ ...parts, adam: uniforms.adam, m, v });
    const stride = (this.valueLayout ?? this.layout).size;
    const passes = buildPasses({ ...parts, uniforms, stride });
    const policy = { theta, m, v, layout, optimizer, passes };
    this.policies.add(policy);
    return policy;
  }

  /** The loss of composed methods; kernels are shared by runs with the same methods. */
  async createLoss(
    methods: LossText & Reads & { fields: readonly string[]; columns?: readonly string[] },
  ): Promise<Loss> {
    const { device, workspace, layout, hasLatent } = this;
    const walksRows = methods.hasRows || hasLatent;
    const { lossRows, splits } = workspace.sizes;
    const wanted = lossRows ?? chooseLossRows(device, layout.config.vocab_size, walksRows);
    const compiling =
      this.losses.get(methods.wgsl) ??
      compileLoss(wanted, (rows) =>
        createKernel(device, lossSpec(layout, splits, this.eos, methods, hasLatent, rows)),
      );
    this.losses.set(methods.wgsl, compiling);
    // A failed compile is not kept, so that a later try starts afresh.
    compiling.catch(() => this.losses.delete(methods.wgsl));
    const { made: kernel, id: rows, note } = await compiling;
    const values = uniform(device, 'methods', 4 * Math.max(1, methods.fields.length));
    const columns = methods.columns?.length ?? 0;
    const constants =
      columns > 0 ? storage(device, 'constants', 4 * columns * workspace.sizes.rows) : undefined;
    this.lossBuffers.push(values, ...(constants ? [constants] : []));
    const b = (name: string): GPUBuffer => workspace.buffer(name);
    const buffers: Record<string, GPUBuffer | undefined> = {
      batch: this.uniforms.batch,
      params: values,
      constants,
      logits: b('logits'),
      actions: b('actions'),
      facts: b('facts'),
      stats: b('stats'),
      ...(this.hasLatent ? { latent: b('latent'), mixtures: b('mixtures') } : {}),
    };
    const used = kernel.bindings.map((x) => [x.name, buffers[x.name] as GPUBuffer]);
    const sum = this.kernels.get('sum_stats') as Kernel;
    const { reads = [] } = methods;
    return {
      ...{ reads, rows },
      ...(note && { note }),
      readLaunches: await readLaunches(this, methods, values),
      values,
      columns,
      constants,
      launch: {
        kernel,
        group: kernel.bind(Object.fromEntries(used)),
        workgroups: lossWorkgroups(rows),
      },
      sum: {
        kernel: sum,
        group: sum.bind({ batch: this.uniforms.batch, stats: b('stats'), sums: b('sums') }),
        workgroups: () => [1],
      },
    };
  }

  setValues(loss: Loss, values: readonly number[]): void {
    if (values.length > 0) this.device.queue.writeBuffer(loss.values, 0, Float32Array.from(values));
  }

  /** Parameters and moments to the host, for checkpoints. */
  async readPolicy(
    policy: Policy,
  ): Promise<{ parameters: Float32Array; m: Float32Array; v: Float32Array }> {
    const bytes = 4 * policy.layout.size;
    const [parameters, m, v] = await Promise.all(
      [policy.theta, policy.m, policy.v].map(
        async (buffer) => new Float32Array(await readBuffer(this.device, buffer, bytes)),
      ),
    );
    return { parameters, m, v } as { parameters: Float32Array; m: Float32Array; v: Float32Array };
  }

  /** Values of the policy's own layout, or of the one with or without a value head (`fitValues`). */
  writePolicy(
    policy: Policy,
    state: { parameters: Float32Array; m?: Float32Array; v?: Float32Array },
  ): void {
    const zeros = new Float32Array(policy.layout.size);
    const { parameters, m = zeros, v = zeros } = state;
    const write = (to: GPUBuffer, values: Float32Array): void => {
      const fitted = fitValues(values, policy.layout);
      if (!fitted) {
        throw new RangeError(
          `writePolicy: needs ${policy.layout.size} values, got ${values.length}`,
        );
      }
      this.device.queue.writeBuffer(to, 0, fitted as Float32Array<ArrayBuffer>);
    };
    write(policy.theta, parameters);
    write(policy.m, m);
    write(policy.v, v);
  }

  destroyPolicy(policy: Policy): void {
    for (const buffer of [policy.theta, policy.m, policy.v]) buffer.destroy();
    this.policies.delete(policy);
  }

  /** One compute pass of its own in the encoder. */
  pass(encoder: GPUCommandEncoder, launches: readonly Launch[], n: number): void {
    const pass = encoder.beginComputePass();
    record(pass, launches, n);
    pass.end();
  }

  /** With all policies. Whoever may have a turn under way waits for `turns.close()` before. */
  destroy(): void {
    void this.turns.close();
    this.shared.destroy();
    for (const policy of this.policies) this.destroyPolicy(policy);
    for (const buffer of this.lossBuffers) buffer.destroy();
  }
}
