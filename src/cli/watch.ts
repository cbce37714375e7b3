/** What befalls a device without anybody waiting for it, so that a command does not end as if all were well. */

/** Tells, in words, of a loss, and of what the GPU refused: what came of that is not what it looks like. */
export function watchDevice(
  device: Pick<GPUDevice, 'lost' | 'addEventListener'>,
  tell: (reason: string) => void,
): void {
  device.lost.then(({ message, reason }) => tell(`the GPU was lost (${message || reason})`));
  device.addEventListener('uncapturederror', ({ error }) => {
    tell(`the GPU refused work, so that numbers after it may be wrong: ${error.message}`);
  });
}
