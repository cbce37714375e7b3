// Workgroup counts of every launch, at every model of the page and the largest batch: nothing is
// allocated or compiled here.
import { expect, test } from 'vitest';
import { MODEL_PRESETS, type ModelPresetId, modelConfig } from '../../src/core/model_config.ts';
import { type Launch, spread } from '../../src/gpu/launch.ts';
import { Engine } from '../../src/model/engine.ts';
import { kernelSpecs } from '../../src/model/kernels.ts';
import { createLayout } from '../../src/model/layout.ts';
// For the constants of WebGPU that Node has not.
import '../helpers/dawn.ts';

/** maxComputeWorkgroupsPerDimension that every WebGPU device has. */
const MOST = 65535;

function policyOf(preset: ModelPresetId, hasValue: boolean) {
  const [layout, valueLayout] = [false, true].map((hasValue) =>
    createLayout(modelConfig(preset, 64), hasValue),
  );
  const buffer = () => ({ destroy() {} });
  const sizes = {
    ...{ rows: 8192, sequences: 1024, response: 64, positions: 128, splits: 16, latent: 16 },
  };
  const device = { createBuffer: buffer, queue: { writeBuffer: () => {} } };
  const kernels = new Map(
    [...kernelSpecs(valueLayout, 16, 0, 'alone', true).keys()].map((label) => [
      label,
      { label, bindings: [], bind: () => {} },
    ]),
  );
  const shared = { workspace: { sizes, buffer }, uniforms: {} };
  const engine: Engine = Reflect.construct(Engine, [
    ...[device, layout, valueLayout, 0, kernels, shared],
  ]);
  return engine.createPolicy(new Float32Array(0), hasValue);
}

function launchesOf(preset: ModelPresetId): Launch[] {
  const { passes, optimizer } = policyOf(preset, true);
  const { value, latent, ...lists } = passes;
  const parts: Launch[][] = [value, latent].flatMap((of) => Object.values(of ?? {}));
  return [...Object.values(lists).flat(), ...parts.flat(), ...optimizer];
}

test.each(Object.keys(MODEL_PRESETS) as ModelPresetId[])('%s', (preset) => {
  const launches = launchesOf(preset);
  expect(launches.length).toBeGreaterThan(50);
  for (const { kernel, workgroups } of launches) {
    for (const count of workgroups(8192)) expect(count, kernel.label).toBeLessThanOrEqual(MOST);
  }
});

test.each([
  ['nano', 40],
  ['micro', 70],
] as const)('a step of %s is %d dispatches', (preset, count) => {
  const { passes, optimizer } = policyOf(preset, false);
  // Two of the loss.
  expect(passes.forward.length + 2 + passes.backward.length + optimizer.length).toBe(count);
});

test('spread covers the count and fits', () => {
  for (const count of [1, 64, MOST, MOST + 1, 106_610, 10 * MOST + 7]) {
    const [x, y] = spread(count);
    expect(x * y).toBeGreaterThanOrEqual(count);
    expect(x * y - count).toBeLessThan(y);
    expect(x).toBeLessThanOrEqual(MOST);
  }
});
