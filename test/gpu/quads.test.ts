import { expect, test } from 'vitest';
import { isSoftware } from '../../src/gpu/device.ts';
import { hasQuads } from '../../src/gpu/quads.ts';
import { settleTile } from '../../src/model/tile_choice.ts';
import { chooseTile, forceTile } from '../../src/model/tiles.ts';
import { adapter, device } from '../helpers/dawn.ts';

test('SwiftShader has quads along x, and kernels use them there', async () => {
  const { vendor, architecture, description } = adapter.info;
  if (!/swiftshader/i.test(`${vendor} ${architecture} ${description}`)) return;
  expect(await hasQuads(device)).toBe(true);
  expect(await chooseTile(device)).toBe('quad');
});

test('none without the feature, and none on a GPU', async () => {
  const info = { vendor: 'none', architecture: 'none', description: 'a GPU' };
  const without = { features: new Set(), adapterInfo: adapter.info } as unknown as GPUDevice;
  expect(await hasQuads(without)).toBe(false);
  expect(await chooseTile(without)).toBe('alone');
  await expect(forceTile(without, 'quad')).rejects.toThrow('tile: must be another');
  expect(isSoftware(info as GPUAdapterInfo)).toBe(false);
  const gpu = { features: new Set(['subgroups']), adapterInfo: info } as unknown as GPUDevice;
  expect(await chooseTile(gpu)).toBe('alone');
});

test('none where the feature is there and its compiler is not', async () => {
  const { adapterInfo, features } = device;
  const refusing = {
    ...{ adapterInfo, features, pushErrorScope() {}, popErrorScope: async () => null },
    ...{ createBindGroupLayout() {}, createPipelineLayout() {} },
    createShaderModule: () => ({ getCompilationInfo: async () => ({ messages: [] }) }),
    createComputePipelineAsync: () => Promise.reject(new Error('no quadSwapX')),
  } as unknown as GPUDevice;
  expect(await hasQuads(refusing)).toBe(false);
  expect(await settleTile(refusing)).toMatchObject({ tile: 'alone', how: 'only' });
});
