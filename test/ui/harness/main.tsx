/**
 * The page on a scripted engine, to look at it without a GPU: `npx vite`, then /test/ui/harness/. Not an input of the
 * build, so nothing of it can reach the product.
 */
import '@mantine/core/styles.css';
import '../../../src/ui/theme.css';
import '../../../src/ui/panel.css';
import '../../../src/ui/charts/charts.css';
import '../../../src/ui/responses/responses.css';
import '../../../src/ui/runs/runs.css';
import { mount } from '../../../src/ui/mount.tsx';
import { clientOf } from '../../../src/worker/client.ts';
import { FakeWorker } from '../fake_worker.ts';

const root = document.getElementById('root') as HTMLElement;
const options = new URLSearchParams(location.hash.slice(1));
void mount(root, {
  hasWebGpu: !options.has('no-webgpu'),
  createClient: () => {
    const { port1, port2 } = new MessageChannel();
    new FakeWorker(port2, {
      stepMs: Number(options.get('ms') ?? 20),
      software: options.has('software'),
      failAt: Number(options.get('fail') ?? Number.POSITIVE_INFINITY),
      runFailsAt: Number(options.get('run-fails') ?? Number.POSITIVE_INFINITY),
    });
    return clientOf(port1);
  },
});
