// The Worker's own file on Dawn, told and asked as the page does it. A test file that imports this has a Worker of its own.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, vi } from 'vitest';
import { openDawn } from '../../src/cli/dawn.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { CATALOG } from '../../src/train/catalog.ts';
import type { Checkpoint, Command, Event } from '../../src/worker/protocol.ts';

export const { experiment } = parseExperiment(
  {
    version: 1,
    name: 'test',
    task: 'chain_sum',
    model: 'nano',
    base: 'shipped',
    methods: ['grpo', 'ppo_clip'],
    settings: {
      'trainer.steps': 6,
      'trainer.prompts': 4,
      'trainer.group_size': 2,
      'trainer.eval_prompts': 4,
      'trainer.eval_every': 3,
      'chain_sum.max_response': 12,
    },
    arms: [
      { id: 'none', name: 'none' },
      { id: 'ib', name: 'IB', methods: ['ib_entropy'] },
    ],
    seeds: [0],
  },
  CATALOG,
);
export const bases = 'http://page/bases/';

export const told: Event[] = [];
export const devices: GPUDevice[] = [];
const scope = {
  postMessage: (event: Event) => told.push(structuredClone(event)),
  onmessage: (_: { data: Command }) => {},
};
export const say = (command: Command) => scope.onmessage({ data: structuredClone(command) });

/** Waits for an event of this type after the first `from`, and gives it. */
export async function heard<T extends Event['type']>(
  type: T,
  from = 0,
  which: (event: Extract<Event, { type: T }>) => boolean = () => true,
): Promise<Extract<Event, { type: T }>> {
  const fits = (event: Event, i: number) =>
    i >= from && event.type === type && which(event as Extract<Event, { type: T }>);
  return vi.waitFor(
    () => {
      const found = told.find(fits);
      if (!found)
        throw new Error(`no ${type} yet; last: ${JSON.stringify(told.at(-1))?.slice(0, 200)}`);
      return found as Extract<Event, { type: T }>;
    },
    { timeout: 120_000, interval: 20 },
  );
}
/** Waits for a state of all runs. */
export const taken = (from: number) =>
  heard('checkpoint', from, (e) => e.checkpoint !== undefined) as Promise<{
    checkpoint: Checkpoint;
  }>;
export const state = (wanted: string, from = 0) => heard('state', from, (e) => e.state === wanted);

beforeAll(async () => {
  const gpu = await openDawn();
  vi.stubGlobal('self', scope);
  vi.stubGlobal('navigator', {
    gpu: {
      // Keeps hold of the devices, to lose them.
      requestAdapter: async (options: GPURequestAdapterOptions) => {
        const adapter = (await gpu.requestAdapter(options)) as GPUAdapter;
        const request = adapter.requestDevice.bind(adapter);
        adapter.requestDevice = async (descriptor) => {
          const device = await request(descriptor);
          devices.push(device);
          return device;
        };
        return adapter;
      },
    },
  });
  vi.stubGlobal('fetch', async (url: string) => {
    const name = url.slice(bases.length);
    if (name !== 'chain_sum-nano.safetensors') return { ok: false };
    const bytes = readFileSync(new URL(`../../public/bases/${name}`, import.meta.url));
    return {
      ok: true,
      arrayBuffer: async () =>
        bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    };
  });
  await import('../../src/worker/worker.ts');
});
afterAll(() => {
  for (const device of devices) device.destroy();
  vi.unstubAllGlobals();
});
