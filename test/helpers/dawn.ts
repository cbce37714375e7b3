// One GPU device for a test file: `import { device } from '../helpers/dawn.ts'`.
// Vitest loads this module anew for each file, so the device is shared within a file and never
// between files. No adapter is a failure, not a skip: a GPU test that did not run proves nothing.
import { afterAll, afterEach } from 'vitest';
import { requestDawnAdapter } from '../../src/cli/dawn.ts';

const features: GPUFeatureName[] = ['timestamp-query', 'subgroups', 'shader-f16'];

export const adapter = await requestDawnAdapter();

/** A fresh device with everything the adapter offers; whoever asks for it destroys it. */
export async function openTestDevice(): Promise<GPUDevice> {
  // An adapter gives one device only, hence a new adapter each time.
  const fresh = await requestDawnAdapter();
  const requiredLimits: Record<string, number> = {};
  for (const name of [
    'maxBufferSize',
    'maxStorageBufferBindingSize',
    'maxStorageBuffersPerShaderStage',
    'maxComputeWorkgroupStorageSize',
    'maxComputeInvocationsPerWorkgroup',
    'maxComputeWorkgroupSizeX',
  ] as const) {
    requiredLimits[name] = fresh.limits[name];
  }
  return fresh.requestDevice({
    requiredFeatures: features.filter((feature) => fresh.features.has(feature)),
    requiredLimits,
  });
}

export const device = await openTestDevice();

// A validation error outside an error scope fails the test during which it happened.
const errors: string[] = [];
device.onuncapturederror = (event) => errors.push(event.error.message);

afterEach(async () => {
  await device.queue.onSubmittedWorkDone();
  if (errors.length > 0) throw new Error(`GPU errors:\n${errors.splice(0).join('\n')}`);
});

afterAll(() => device.destroy());
