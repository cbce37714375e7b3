/** Runs cases on one adapter, in Node or in the page: a line of numbers each. */
import { openDevice } from '../../src/gpu/device.ts';
import { chooseTile, forceTile, type TileId } from '../../src/model/tiles.ts';
import { CASES, type PeerId } from './cases.ts';
import { type Calls, countCalls, takeTurns } from './measure.ts';

export interface Options {
  peer?: PeerId;
  rounds: number;
  /** Most a case is repeated for; its preparation comes on top. */
  seconds: number;
  /** Instead of the one that the engine would choose (src/model/tiles.ts). */
  tile?: TileId;
}

export interface Line {
  case: string;
  ours_ms: number;
  ours_least: number;
  ours_most: number;
  peer?: string;
  peer_ms?: number;
  peer_least?: number;
  peer_most?: number;
  /** peer_ms / ours_ms */
  ratio?: number;
  /** Why there is no peer. */
  alone?: string;
  difference?: number;
  dispatches: number;
  submits: number;
  created: number;
  peer_calls?: Calls;
  [size: string]: unknown;
}

export const caseIds = (long: boolean): string[] =>
  CASES.filter((c) => long || !c.long).map((c) => c.id);

const PEERS: Record<PeerId, string> = { 'jax-js': 'jax-js 0.1.25', tfjs: 'TensorFlow.js 4.22.0' };

const openPeer = async (id: PeerId): Promise<GPUDevice> =>
  id === 'tfjs'
    ? (await import('./peers/tf_model.ts')).openTf()
    : (await import('./peers/jax_model.ts')).openJax();

const round = (x: number): number => Number(x.toPrecision(4));

/** @throws {RangeError} unknown case; {Error} ours and the peer's results differ */
export async function runCase(gpu: GPU, id: string, options: Options): Promise<Line> {
  const found = CASES.find((c) => c.id === id);
  if (!found) {
    throw new RangeError(`--case: must be one of ${caseIds(true).join(', ')}, got ${id}`);
  }
  const opened = await openDevice(gpu);
  if (options.tile) await forceTile(opened.device, options.tile);
  const against = found.alone ? undefined : options.peer;
  const peerDevice = against && (await openPeer(against));
  const prepared = await found.prepare(opened, against);
  const { ours, peer, difference, size } = prepared;
  const works = peer ? [ours, peer] : [ours];
  for (const work of works) await work();
  const calls = await countCalls(opened.device, ours);
  const peerCalls = peer && peerDevice ? await countCalls(peerDevice, peer) : undefined;
  const [mine, theirs] = await takeTurns(works, options.rounds, options.seconds);
  if (!mine) throw new Error('bench: needs a measured time, got none');
  const tile = await chooseTile(opened.device);
  prepared.release?.();
  opened.device.destroy();
  return {
    case: id,
    ours_ms: round(mine.ms),
    ours_least: round(mine.least),
    ours_most: round(mine.most),
    ...(theirs && {
      peer: against && PEERS[against],
      peer_ms: round(theirs.ms),
      peer_least: round(theirs.least),
      peer_most: round(theirs.most),
      ratio: round(theirs.ms / mine.ms),
    }),
    ...(found.alone && { alone: found.alone }),
    ...(difference !== undefined && { difference: Number(difference.toExponential(1)) }),
    ...calls,
    ...(peerCalls && { peer_calls: peerCalls }),
    ...size,
    tile,
    adapter: `${opened.vendor} ${opened.architecture} ${opened.description}`.trim(),
  };
}
