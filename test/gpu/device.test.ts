// Browsers that tell less than the newest.
import { expect, it } from 'vitest';
import { openDevice } from '../../src/gpu/device.ts';
import { chooseTile } from '../../src/model/tiles.ts';

it('a device that does not tell its adapter has what the adapter told', async () => {
  const info = { vendor: 'nvidia', architecture: 'ada', description: '' };
  const bare = { features: new Set<string>() };
  const adapter = { info, limits: {}, features: new Set(), requestDevice: async () => bare };
  const gpu = { requestAdapter: async () => adapter } as unknown as GPU;
  const { device, software } = await openDevice(gpu);
  expect(device.adapterInfo).toBe(info);
  expect(software).toBe(false);
  expect(await chooseTile(device)).toBe('alone');
});
