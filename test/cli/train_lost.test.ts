// A command whose GPU is lost, or refuses work, ends as one that failed, with what was measured by then.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { main } from '../../src/cli/train.ts';
import { type OpenedDevice, openDevice } from '../../src/gpu/device.ts';

vi.mock('../../src/gpu/device.ts', async (original) => {
  const actual = await original<typeof import('../../src/gpu/device.ts')>();
  return { ...actual, openDevice: vi.fn(actual.openDevice) };
});

const folder = mkdtempSync(path.join(tmpdir(), 'entroscope-lost-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

it.each<[string, (device: GPUDevice) => void, RegExp]>([
  ['is lost', (device) => device.destroy(), /^the GPU was lost \(.+\)$/],
  [
    'refuses work',
    // A copy within one buffer.
    (device) => {
      const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
      const buffer = device.createBuffer({ size: 16, usage });
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer, 0, buffer, 0, 16);
      encoder.finish();
    },
    /^the GPU refused work, so that numbers after it may be wrong: .+/s,
  ],
])('a GPU that %s', async (how, harm, reason) => {
  const out = path.join(folder, how);
  const told = vi.spyOn(console, 'error').mockImplementation(() => {});
  vi.spyOn(console, 'log').mockImplementation((line: string) => {
    // When the first step is done.
    if (!/^\d+\/\d+ steps/.test(line)) return;
    vi.mocked(console.log).mockImplementation(() => {});
    const opening = vi.mocked(openDevice).mock.results.at(-1)?.value as Promise<OpenedDevice>;
    void opening.then(({ device }) => harm(device));
  });
  const settings = ['trainer.prompts=2', 'trainer.eval_prompts=4', 'trainer.steps=500'];
  const set = settings.flatMap((x) => ['--set', x]);
  const args = ['public/presets/naive-vs-ib.json', '--out', out, '--seeds', '0', ...set];
  expect(await main([...args, '--tile', 'alone'])).toBe(1);
  const { failures } = JSON.parse(readFileSync(path.join(out, 'summary.json'), 'utf8'));
  expect(failures).toEqual([expect.stringMatching(reason)]);
  expect(told).toHaveBeenCalledWith(failures[0]);
  expect(readFileSync(path.join(out, 'curves.csv'), 'utf8').split('\n').length).toBeLessThan(100);
});
