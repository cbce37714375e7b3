/**
 * The page on a scripted engine, to look at it without a GPU: `npx vite`, then /test/ui/harness/. Not an input of the
 * build, so nothing of it can reach the product.
 */
import '../../../src/ui/styles.ts';
import { mount } from '../../../src/ui/mount.tsx';
import { clientOf } from '../../../src/worker/client.ts';
import Engine from './engine.ts?worker';

const root = document.getElementById('root') as HTMLElement;
const options = location.hash.slice(1);
void mount(root, {
  hasWebGpu: !new URLSearchParams(options).has('no-webgpu'),
  createClient: () => {
    const worker = new Engine({ name: options });
    return clientOf(worker, () => worker.terminate());
  },
});
