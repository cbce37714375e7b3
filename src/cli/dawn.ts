// WebGPU for Node: the same Dawn that Chrome uses, from npm's `webgpu`.
// The driver underneath is chosen before the process starts (vulkan.mjs).

// Held for as long as the process runs: devices die with the instance that made them.
let instance: GPU | undefined;

/**
 * The `navigator.gpu` of Node. Also puts `GPUBufferUsage` and its kind on `globalThis`.
 * ENTROSCOPE_DAWN_FLAGS passes options to Dawn, separated by commas or blanks, for instance
 * `backend=null` or `enable-dawn-features=allow_unsafe_apis`.
 */
export async function openDawn(): Promise<GPU> {
  if (instance) return instance;
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  const flags = (process.env.ENTROSCOPE_DAWN_FLAGS ?? '').split(/[\s,]+/).filter(Boolean);
  instance = create(flags);
  return instance;
}

/** An adapter, or an error that says what to install. */
export async function requestDawnAdapter(
  options: GPURequestAdapterOptions = { powerPreference: 'high-performance' },
): Promise<GPUAdapter> {
  const adapter = await (await openDawn()).requestAdapter(options);
  if (adapter) return adapter;
  throw new Error(
    'Dawn found no GPU adapter. Install a Vulkan driver, or start through `npm test` or ' +
      '`node src/cli/run.mjs`, which fall back to SwiftShader on Linux x64.',
  );
}
