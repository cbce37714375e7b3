/**
 * Settles which family of kernels a device runs when a program starts: as asked, as it was found before on this adapter
 * with these kernels, or by timing each on a layer of the nano model, each under 50 ms beside compiling. A software
 * adapter takes a second to compile them, so whoever must start soon settles without measuring and measures later.
 */
import { modelConfig } from '../core/model_config.ts';
import { decideTile, type TileChoice } from '../core/tile_choice.ts';
import { isLosing, isSoftware } from '../gpu/device.ts';
import { createKernel, type KernelSpec } from '../gpu/kernel.ts';
import { ceilDiv, type Launch, record, storage, uniform } from '../gpu/launch.ts';
import { compare, createStopwatch } from '../gpu/timing.ts';
import { kernelSpecs } from './kernels.ts';
import { createLayout } from './layout.ts';
import { ROW } from './rows.ts';
import { sourcesHash } from './sources.ts';
import { areAlike, resultsOf } from './tile_check.ts';
import { candidates, canRun, forceTile, TILES, type TileId, usualTile } from './tiles.ts';

/** Compiling that takes longer than this is not waited for where a program starts. */
const PATIENCE_MS = 1500;
/** What the others are held against. */
const SAFE: TileId = 'alone';
/** Of each family: GPU time of all passes, and how many. */
const [MOST_MS, ROUNDS] = [40, 5];

export interface TileRequest {
  /** This one, whatever is faster. */
  forced?: TileId;
  /** Choices that were kept, of any adapter. */
  remembered?: readonly TileChoice[];
  /** Takes the usual family where a measurement would hold up the start. */
  isHurried?: boolean;
  /** How long compiling is waited for. */
  patienceMs?: number;
}

/** What a choice depends on. */
export function tileKey(device: GPUDevice): string {
  const { vendor, architecture, device: name, description } = device.adapterInfo;
  const features = [...device.features].sort().join(',');
  return [vendor, architecture, name, description, features, sourcesHash()].join('|');
}

/**
 * Takes effect on engines that are made afterwards. What cannot be had ends in the usual family.
 * @throws {Error} the device was lost meanwhile: nothing is settled then
 */
export async function settleTile(
  device: GPUDevice,
  { forced, remembered = [], isHurried = false, patienceMs }: TileRequest = {},
): Promise<TileChoice> {
  const key = tileKey(device);
  const usual = await usualTile(device);
  const choice = async (): Promise<TileChoice> => {
    if (forced && (await canRun(device, forced)))
      return { key, usual, tile: forced, how: 'forced' };
    const note =
      forced && 'quad was asked for, and this adapter’s groups of four threads do not lie along x';
    if ((await candidates(device)).length === 1) {
      return { key, usual, tile: usual, how: 'only', ...(note && { note }) };
    }
    const known = remembered.find((kept) => kept.key === key && kept.how === 'measured');
    if (known) return known;
    if (isHurried && isSoftware(device.adapterInfo))
      return { key, usual, tile: usual, how: 'usual' };
    return measureTiles(device, patienceMs);
  };
  const found = await choice();
  await forceTile(device, found.tile);
  return found;
}

/** Times the families anew, on a device that can run several; changes nothing. */
export async function measureTiles(
  device: GPUDevice,
  patienceMs = PATIENCE_MS,
): Promise<TileChoice> {
  const head = { key: tileKey(device), usual: await usualTile(device) };
  try {
    const found = await timeFamilies(device, await candidates(device), patienceMs);
    if (found) {
      const { times, wrong } = found;
      const tile = decideTile(wrong.includes(head.usual) ? SAFE : head.usual, times);
      const note =
        wrong.length > 0 && `here ${wrong.join(' and ')} did not compile or gave other results`;
      return { ...head, tile, how: 'measured', times, measured: Date.now(), ...(note && { note }) };
    }
    const note = `their kernels took longer than ${patienceMs / 1000} s to compile`;
    return { ...head, tile: head.usual, how: 'usual', note };
  } catch (error) {
    const why = error instanceof Error ? error.message || error.name : String(error);
    const note = (await isLosing(device)) ? 'the GPU was lost while they were timed' : why;
    return { ...head, tile: head.usual, how: 'usual', note };
  }
}

/**
 * ms of the same work in each family that computes the same; undefined where they could not be compiled in time.
 * @param families the safe one first
 */
async function timeFamilies(
  device: GPUDevice,
  families: readonly TileId[],
  patienceMs: number,
): Promise<{ times: Partial<Record<TileId, number>>; wrong: TileId[] } | undefined> {
  const work = createWork(device);
  try {
    // One that does not compile here is left out; so is, unseen, what comes too late.
    const compiling = Promise.all(
      families.map((tile) =>
        work.launches(tile).catch((error) => {
          if (tile === SAFE) throw error;
          return undefined;
        }),
      ),
    );
    compiling.catch(() => {});
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), patienceMs);
    });
    const compiled = await Promise.race([compiling, late]);
    clearTimeout(timer);
    if (!compiled) return undefined;
    const right: TileId[] = [];
    const launches: Launch[][] = [];
    let safe: Float32Array[] | undefined;
    for (const [i, tile] of families.entries()) {
      const own = compiled[i];
      if (!own) continue;
      const results = await work.results(own);
      safe ??= results;
      if (!areAlike(safe, results)) continue;
      right.push(tile);
      launches.push(own);
    }
    if (!right.includes(SAFE)) throw new Error('their results are not numbers');
    const watch = await createStopwatch(device);
    const passes = (times: readonly number[]) =>
      launches.map((own, i) => (pass: GPUComputePassEncoder) => {
        for (let k = 0; k < (times[i] as number); k++) record(pass, own, work.rows);
      });
    // In turn, so that whatever else the machine does meets all alike.
    const best = await compare(right.length, (times) => watch.time(passes(times)), {
      rounds: ROUNDS,
      ms: MOST_MS,
    });
    if (!best.every(Number.isFinite)) throw new Error('their work was too short to be timed');
    const times = Object.fromEntries(right.map((tile, i) => [tile, best[i]]));
    return { times, wrong: families.filter((tile) => !right.includes(tile)) };
  } finally {
    work.destroy();
  }
}

/** A product, a weight gradient and a part of attention, as the nano model has them. */
function createWork(device: GPUDevice) {
  const layout = createLayout(modelConfig('nano', 16));
  const { CP, A, D, config } = layout;
  const H = config.n_head;
  const [N, T, splits] = [isSoftware(device.adapterInfo) ? 256 : 4096, 32, 2];
  const buffers = new Map<string, GPUBuffer>([['batch', uniform(device, 'tiles', 16)]]);
  const floats = Math.max(N * 3 * A, splits * layout.size);
  // Values of either sign, no two rows alike.
  const values = Float32Array.from({ length: floats }, (_, i) => ((i * 7919) % 1009) / 1009 - 0.5);
  let isGone = false;
  const bufferOf = (name: string): GPUBuffer => {
    if (isGone) throw new Error('tiles: compiled too late to be timed');
    const found = buffers.get(name) ?? storage(device, name, 4 * floats);
    if (!buffers.has(name)) device.queue.writeBuffer(found, 0, values);
    buffers.set(name, found);
    return found;
  };
  const rows = Uint32Array.from({ length: ROW * N }, (_, i) => {
    const n = Math.floor(i / ROW);
    const first = n - (n % T);
    return [0, n % T, first, first + T, first][i % ROW] as number;
  });
  device.queue.writeBuffer(bufferOf('batch'), 0, Uint32Array.of(N, 0, 0, 0));
  device.queue.writeBuffer(bufferOf('rows'), 0, rows);
  device.queue.writeBuffer(bufferOf('rope'), 0, new Float32Array(T * D).fill(0.7));
  return {
    rows: N,
    results: (launches: readonly Launch[]): Promise<Float32Array[]> =>
      resultsOf(device, launches, N, ['y', 'partial', 'd_qkv'].map(bufferOf)),
    async launches(tile: TileId): Promise<Launch[]> {
      const specs = kernelSpecs(layout, splits, 0, tile);
      const tileRows = 8 * TILES[tile].rows;
      const [across, down] = [ceilDiv(CP / 4, 8), ceilDiv(3 * A, tileRows)];
      const groups: [name: string, Launch['workgroups']][] = [
        ['qkv', (n) => [ceilDiv((3 * A) / 4, 8), ceilDiv(n, tileRows)]],
        ['qkv.backward', (n) => [across, down * splits + ceilDiv(n, tileRows)]],
        ['attention.d_key', (n) => [ceilDiv(4 * ceilDiv(n, 4) * H, 64)]],
      ];
      return Promise.all(
        groups.map(async ([name, workgroups]) => {
          const kernel = await createKernel(device, specs.get(name) as KernelSpec);
          const used = kernel.bindings.map((x) => [x.name, bufferOf(x.name)] as const);
          return { kernel, group: kernel.bind(Object.fromEntries(used)), workgroups };
        }),
      );
    },
    destroy() {
      isGone = true;
      for (const buffer of buffers.values()) buffer.destroy();
    },
  };
}
