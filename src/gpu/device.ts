/** Opens a device from `navigator.gpu` of a browser or from Dawn in Node: the engine sees no difference. */

export interface OpenedDevice {
  device: GPUDevice;
  vendor: string;
  architecture: string;
  description: string;
  /** A CPU pretending to be a GPU: correct, slow. */
  software: boolean;
}

/** Limits the engine uses above the defaults, raised to what the adapter offers. */
const RAISED = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
] as const;

/**
 * @param gpu `navigator.gpu`, or the object of the npm package `webgpu`
 * @throws {Error} no adapter
 */
export async function openDevice(gpu: GPU): Promise<OpenedDevice> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter)
    throw new Error(
      'openDevice: need a WebGPU adapter, got none (no driver, or WebGPU is switched off)',
    );
  const requiredLimits = Object.fromEntries(RAISED.map((name) => [name, adapter.limits[name]]));
  const requiredFeatures = (['timestamp-query', 'subgroups'] as const).filter((f) =>
    adapter.features.has(f),
  );
  const device = await adapter.requestDevice({
    requiredLimits,
    requiredFeatures,
    label: 'entroscope',
  });
  // Chrome before 132, and whoever else does not tell it: kernels are chosen by it.
  if (!device.adapterInfo) Object.defineProperty(device, 'adapterInfo', { value: adapter.info });
  const { vendor, architecture, description } = adapter.info;
  return { device, vendor, architecture, description, software: isSoftware(adapter.info) };
}

export function isSoftware(info: GPUAdapterInfo): boolean {
  const names = `${info.vendor} ${info.architecture} ${info.description}`.toLowerCase();
  return (
    Boolean(info.isFallbackAdapter) || /swiftshader|llvmpipe|software|basic render/.test(names)
  );
}

/**
 * Runs `work` inside error scopes and turns what the GPU reports into an exception. Only what is done before `work` returns
 * is seen: scopes are a stack that all work on a device shares.
 * For set-up code; the training loop relies on the device's `uncapturederror`.
 * @param options what takes back what has been made, and the message for what the GPU says
 */
export async function checked<T>(
  device: GPUDevice,
  work: () => T,
  options: { undo(made: T): void; refusal(reason: string): string },
): Promise<T> {
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  const close = () => Promise.all([device.popErrorScope(), device.popErrorScope()]);
  let made: T;
  try {
    made = work();
  } catch (error) {
    close().catch(() => {});
    throw error;
  }
  let reason: string | undefined;
  try {
    const error = (await close()).find((e) => e !== null);
    reason = error && (error.message || error.constructor.name);
  } catch (error) {
    reason = String(error);
  }
  if (reason === undefined) return made;
  options.undo(made);
  throw new Error(options.refusal(reason));
}

/**
 * Whether an error of work on this device comes of the device being lost: promises that wait for the GPU may be rejected
 * a little before the loss itself is told.
 */
export function isLosing(device: GPUDevice, withinMs = 300): Promise<boolean> {
  const later = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), withinMs));
  return Promise.race([device.lost.then(() => true), later]);
}
