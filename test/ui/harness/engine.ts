/** The scripted engine in a thread of its own, like the real one; its options come with the Worker's name. */
import { FakeWorker } from '../fake_worker.ts';

const options = new URLSearchParams(self.name);
const number = (key: string, otherwise: number) => Number(options.get(key) ?? otherwise);

new FakeWorker(self as unknown as MessagePort, {
  stepMs: number('ms', 20),
  prepareMs: options.has('wait') ? number('wait', 0) : undefined,
  inTurn: options.has('turns'),
  instantUntil: number('instant', 0),
  software: options.has('software'),
  failAt: number('fail', Number.POSITIVE_INFINITY),
  runFailsAt: number('run-fails', Number.POSITIVE_INFINITY),
});
