// WebGPU for Node: the same Dawn that Chrome uses, from npm's `webgpu`.
// The driver underneath is chosen before the process starts (vulkan.mjs).

// Held for as long as the process runs: devices die with the instance that made them.
let instance: GPU | undefined;

/**
 * While a read-back is pending Dawn asks again at every turn of the event loop, which keeps a core busy. Where the GPU is
 * a program on these same cores (vulkan.mjs) that core is missed, so there it asks once a millisecond.
 */
function pollGently(): void {
  const immediate = globalThis.setImmediate;
  // Dawn looks the function up anew each time, and hands it a native function; all others pass.
  const isNative = (f: unknown): boolean =>
    Function.prototype.toString.call(f).includes('[native code]');
  const gently = (f: (...args: unknown[]) => void, ...args: unknown[]): unknown =>
    args.length === 0 && isNative(f) ? setTimeout(f, 1) : immediate(f, ...args);
  globalThis.setImmediate = Object.assign(gently, immediate) as typeof immediate;
}

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
  if (process.env.ENTROSCOPE_GPU === 'swiftshader') pollGently();
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
