/** The device of the Worker, opened anew after a loss. */
import { type OpenedDevice, openDevice } from '../gpu/device.ts';

interface Hears {
  /** Before anybody else has it. */
  opened(device: GPUDevice): Promise<void>;
  lost(reason: string): void;
  /** An error that nobody waited for. */
  failed(error: unknown): void;
}

export class Gpu {
  /** Undefined before the first use, and after a loss. */
  current: OpenedDevice | undefined;
  /** The one that is on its way. */
  private opening: Promise<OpenedDevice> | undefined;

  constructor(private readonly hears: Hears) {}

  /** The same for everyone who asks, also before it is there. @throws {Error} the browser has none to give */
  open(): Promise<OpenedDevice> {
    if (this.current) return Promise.resolve(this.current);
    this.opening ??= this.request().finally(() => {
      this.opening = undefined;
    });
    return this.opening;
  }

  private async request(): Promise<OpenedDevice> {
    if (!navigator.gpu) throw new Error('WebGPU is missing in this browser');
    const fresh = await openDevice(navigator.gpu);
    await this.hears.opened(fresh.device);
    this.current = fresh;
    fresh.device.lost.then((info) => {
      if (this.current !== fresh) return;
      this.current = undefined;
      this.hears.lost(info.message || info.reason);
    });
    fresh.device.onuncapturederror = ({ error }) => this.hears.failed(error);
    return fresh;
  }
}
