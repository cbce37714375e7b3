/** One optimizer update: forward, fused loss, backward for each part of the minibatch, then clip and AdamW. */
import { type Launch, record } from '../gpu/launch.ts';
import type { PackedBatch } from './batch.ts';
import type { Engine, Loss, Policy } from './engine.ts';
import { MAX_PARTS } from './memory.ts';

export interface AdamSettings {
  learning_rate: number;
  beta1: number;
  beta2: number;
  eps: number;
  weight_decay: number;
  max_grad_norm: number;
}

export interface UpdateRequest {
  /** Parts of one minibatch; their weights count over the whole minibatch. */
  parts: readonly PackedBatch[];
  temperature: number;
  adam: AdamSettings;
  /** t ≥ 1, for the bias correction: this update's number in the run. */
  updateNumber: number;
  /** Policy whose log-probabilities become ref_logp. */
  reference?: Policy;
  /** How the value head learns, of a policy that has one; not given: its gradient is 0. */
  critic?: CriticSettings;
  /** Of currentStats on the same parts: where nothing has come between, its forward pass is the update's own. */
  generation?: number;
  /** Stops after the backward pass of the last part and the reduction: gradients without an update. */
  gradientOnly?: boolean;
}

/** The value head's loss: its weight in the whole, and how far a value may move from where it was when sampled. */
export interface CriticSettings {
  coefficient: number;
  clip: number;
}

const IDLE: CriticSettings = { coefficient: 0, clip: 1 };

/** Sums over response tokens of the minibatch. */
export interface UpdateResult {
  loss: number;
  tokens: number;
  logp: number;
  entropy: number;
  bound: number;
  /** Tokens of which the loss has a derivative in the log-probability. */
  scored: number;
  /** k3 estimate of the KL to the reference (to the sampling policy where none is given). */
  kl: number;
  grad_norm: number;
  /** Of the value head, before the coefficient; `bound`: tokens that its clip holds. */
  value?: { loss: number; bound: number };
}

/**
 * Submits one command buffer a part, after what was asked for before. The promise is of the read-back: the next update may be submitted before it is
 * fulfilled. A gradient norm that is not finite leaves the parameters as they were (adamw.wgsl).
 */
export async function update(
  engine: Engine,
  policy: Policy,
  loss: Loss,
  request: UpdateRequest,
): Promise<UpdateResult> {
  const { device, uniforms, workspace } = engine;
  const { parts, adam, updateNumber, critic = IDLE } = request;
  const { value } = policy.passes;
  if (request.critic && !value) throw new RangeError('update: critic needs a value head, got none');
  if (parts.length > MAX_PARTS)
    throw new RangeError(`update: at most ${MAX_PARTS} parts, got ${parts.length}`);
  for (const part of parts) {
    checkRows(engine, part);
    checkConstants(loss, part);
    if (request.critic && part.targets?.length !== 2 * part.N)
      throw new RangeError(`batch: needs ${2 * part.N} targets, got ${part.targets?.length ?? 0}`);
  }
  const sumsBytes = 32 * parts.length;
  const valueBytes = value ? 16 * parts.length : 0;
  const { learning_rate, beta1, beta2, eps, weight_decay, max_grad_norm } = adam;
  const corrections = [1 - beta1 ** updateNumber, 1 - beta2 ** updateNumber];
  const adamUniform = Float32Array.from([
    learning_rate,
    beta1,
    beta2,
    eps,
    weight_decay,
    max_grad_norm,
    ...corrections,
  ]);
  const slot = await engine.turns.take(async () => {
    const slot = await engine.updates.acquire();
    const isForwarded = parts.length === 1 && request.generation === engine.generation;
    parts.forEach((part, i) => {
      if (isForwarded) engine.generation++;
      else uploadBatch(engine, part, i > 0, request.temperature);
      uploadConstants(engine, loss, part);
      if (value) uploadCritic(engine, part, critic);
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      if (!isForwarded) recordForward(pass, policy, part, request.reference);
      record(pass, [loss.launch, loss.sum, ...(value?.loss ?? [])], part.N);
      record(pass, policy.passes.backward, part.N);
      const last = i === parts.length - 1;
      if (last) {
        device.queue.writeBuffer(uniforms.adam, 0, adamUniform);
        record(
          pass,
          request.gradientOnly ? policy.optimizer.slice(0, 2) : policy.optimizer,
          part.N,
        );
      }
      pass.end();
      encoder.copyBufferToBuffer(workspace.buffer('sums'), 0, slot, 32 * i, 32);
      if (value) {
        const at = sumsBytes + 16 + 16 * i;
        encoder.copyBufferToBuffer(workspace.buffer('value_sums'), 0, slot, at, 16);
      }
      if (last) encoder.copyBufferToBuffer(workspace.buffer('norm'), 0, slot, sumsBytes, 4);
      device.queue.submit([encoder.finish()]);
    });
    return slot;
  });
  const data = new Float32Array(
    await engine.updates.read(slot, sumsBytes + (value ? 16 + valueBytes : 4)),
  );
  const column = (c: number): number =>
    parts.reduce((sum, _, i) => sum + (data[8 * i + c] as number), 0);
  const valueColumn = (c: number): number =>
    parts.reduce((sum, _, i) => sum + (data[8 * parts.length + 4 + 4 * i + c] as number), 0);
  return {
    ...(value ? { value: { loss: valueColumn(0), bound: valueColumn(2) } } : {}),
    loss: column(0),
    logp: column(1),
    entropy: column(2),
    bound: column(3),
    kl: column(4),
    tokens: column(6),
    scored: column(7),
    grad_norm: data[8 * parts.length] as number,
  };
}

/** Forward passes of the reference, where there is one, and of the policy, whose activations stay. */
export function recordForward(
  pass: GPUComputePassEncoder,
  policy: Policy,
  part: PackedBatch,
  reference: Policy | undefined,
): void {
  if (reference) {
    record(pass, forwardOf(reference, part), part.N);
    record(pass, reference.passes.referenceLogp, part.N);
  }
  record(pass, forwardOf(policy, part), part.N);
}

/** The forward pass that reads this batch's inputs; `checkRows` has refused what the engine cannot read. */
export function forwardOf({ passes }: Policy, { latent }: PackedBatch): Launch[] {
  return latent && passes.latent ? passes.latent.forward : passes.forward;
}

/** @throws {RangeError} constants that are missing or of another width */
function checkConstants(loss: Loss, { N, constants }: PackedBatch): void {
  const [need, got] = [N * loss.columns, constants?.length ?? 0];
  if (need !== got) throw new RangeError(`batch: needs ${need} constants of methods, got ${got}`);
}

/** The methods' constants of a batch into the loss's own buffer. */
export function uploadConstants(engine: Engine, loss: Loss, { constants }: PackedBatch): void {
  if (loss.constants && constants) engine.device.queue.writeBuffer(loss.constants, 0, constants);
}

/** What the value head is compared with, and how. */
export function uploadCritic(
  { device, uniforms, workspace }: Engine,
  { N, targets = new Float32Array(2 * N) }: PackedBatch,
  { coefficient, clip }: CriticSettings,
): void {
  device.queue.writeBuffer(uniforms.critic as GPUBuffer, 0, Float32Array.of(coefficient, clip));
  device.queue.writeBuffer(workspace.buffer('targets'), 0, targets);
}

/**
 * @throws {RangeError} more rows than the buffers hold, latent positions where the engine has no buffers for them, or
 *                      mixtures of another vocabulary
 */
export function checkRows(engine: Engine, batch: PackedBatch): void {
  const { rows } = engine.workspace.sizes;
  if (batch.latent && !engine.hasLatent)
    throw new RangeError('batch: latent positions need an engine that has them, got one without');
  const { vocab_size: V } = engine.layout.config;
  if (batch.latent && batch.latent.V !== V)
    throw new RangeError(`batch: a mixture must hold ${V} shares, got ${batch.latent.V}`);
  if (batch.N > rows) throw new RangeError(`batch: at most ${rows} rows, got ${batch.N}`);
}

/** Into the shared buffers, before a pass that overwrites activations; the caller has checked that it fits. */
export function uploadBatch(
  engine: Engine,
  batch: PackedBatch,
  accumulate: boolean,
  temperature: number,
): void {
  const { device, uniforms, workspace } = engine;
  engine.generation++;
  const head = new ArrayBuffer(16);
  new Uint32Array(head).set([batch.N, accumulate ? 1 : 0]);
  new Float32Array(head)[2] = 1 / temperature;
  device.queue.writeBuffer(uniforms.batch, 0, head);
  device.queue.writeBuffer(workspace.buffer('rows'), 0, batch.rows);
  device.queue.writeBuffer(workspace.buffer('actions'), 0, batch.actions);
  device.queue.writeBuffer(workspace.buffer('facts'), 0, batch.facts);
  if (!engine.hasLatent) return;
  const { rows, mixtures } = batch.latent ?? { rows: new Uint32Array(2 * batch.N) };
  device.queue.writeBuffer(workspace.buffer('latent'), 0, rows);
  if (mixtures) device.queue.writeBuffer(workspace.buffer('mixtures'), 0, mixtures);
}
