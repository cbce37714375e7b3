// The Worker's device: one for all who ask at once, another after a loss, and a failure that is not kept.
import { afterEach, expect, it, vi } from 'vitest';
import { openDawn } from '../../src/cli/dawn.ts';
import { Gpu } from '../../src/worker/gpu.ts';

const dawn = await openDawn();
afterEach(() => vi.unstubAllGlobals());

function openGpu(gpu: Pick<GPU, 'requestAdapter'> = dawn) {
  vi.stubGlobal('navigator', { gpu });
  const lost: string[] = [];
  const opened: GPUDevice[] = [];
  const device = new Gpu({
    opened: async (fresh) => {
      opened.push(fresh);
    },
    lost: (reason) => lost.push(reason),
    failed: () => {},
  });
  return { device, lost, opened };
}

it('is one for all who ask before it is there', async () => {
  const { device, opened, lost } = openGpu();
  const [a, b, c] = await Promise.all([device.open(), device.open(), device.open()]);
  expect(b).toBe(a);
  expect(c).toBe(a);
  expect(opened).toEqual([a?.device]);
  expect(device.current).toBe(a);
  a?.device.destroy();
  await expect.poll(() => lost).toHaveLength(1);
  expect(device.current).toBeUndefined();
  const next = await device.open();
  expect(next).not.toBe(a);
  expect(opened).toHaveLength(2);
  next.device.destroy();
});

it('is asked for again where there was none', async () => {
  let has = false;
  const requestAdapter = async () => (has ? dawn.requestAdapter() : null);
  const { device } = openGpu({ requestAdapter });
  const both = await Promise.allSettled([device.open(), device.open()]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  has = true;
  (await device.open()).device.destroy();
});
