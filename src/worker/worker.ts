/**
 * The Worker: owns the GPU and the session, obeys `Command`s in order, tells `Event`s. Thin: whatever can be tested
 * without a Worker stands in train/.
 */
import { isLosing, type OpenedDevice } from '../gpu/device.ts';
import { TASKS } from '../tasks/index.ts';
import type { Task } from '../tasks/task.ts';
import { estimate } from '../train/estimate.ts';
import { probe } from '../train/probe.ts';
import { profileReport } from '../train/profile.ts';
import { Session } from '../train/session.ts';
import { trustReport } from '../train/trust.ts';
import { exportWeights, inspect, messageOf, takeCheckpoint } from './answers.ts';
import { fetchBase } from './bases.ts';
import { Gpu } from './gpu.ts';
import { measuredEvents } from './measured.ts';
import { PointBuffer } from './points.ts';
import type { AdapterReport, Command, SessionState } from './protocol.ts';
import { obeyWith, post } from './scope.ts';
import { Tiles } from './tiles.ts';

let adapter: AdapterReport | undefined;
/** What experiments are opened with. */
const tiles = new Tiles();
let session: Session | undefined;
let state: SessionState = 'empty';
/** Metrics that are charted. */
let asked: readonly string[] = [];
/** Somebody looks at λ and −A of single tokens. */
let arePairsAsked = false;
/** Somebody looks at what tokens tell about the answer, through training. */
let areGainsAsked = false;
/** Counts `open` commands; work for an older one stops. */
let generation = 0;
/** Counts how often the runs began anew. */
let beginnings = 0;
/** How long there must be nothing to do before what can wait is done. */
const IDLE_MS = 3000;
let idle: ReturnType<typeof setTimeout> | undefined;
/** The training loop under way. */
let loop: Promise<void> = Promise.resolve();
/** Counts pauses: training that has yet to begin when one comes does not. */
let pauses = 0;

const points = new PointBuffer((run, firstStep, values) =>
  post({ type: 'points', ...run, firstStep, values }, [values.buffer]),
);

function setState(next: SessionState): void {
  state = next;
  post({ type: 'state', state });
  clearTimeout(idle);
  const mayIdle = ['ready', 'paused', 'finished'].includes(state) && tiles.isOpen;
  // What could not be measured stays as it is.
  if (mayIdle) idle = setTimeout(() => void measure().catch(() => {}), IDLE_MS);
}

function fail(error: unknown, advice: string, recoverable: boolean): void {
  setState('failed');
  post({ type: 'failed', message: messageOf(error), advice, recoverable });
}

/** Fails for this reason, unless it is only what a lost device leaves: the loss is told by itself. */
async function failUnlessLost(
  gpu: OpenedDevice | undefined,
  error: unknown,
  advice: string,
  recoverable: boolean,
): Promise<void> {
  if (gpu && (await isLosing(gpu.device))) return;
  fail(error, advice, recoverable);
}

const device = new Gpu({
  opened: (fresh) => tiles.apply(fresh),
  lost(reason) {
    generation++;
    pause();
    session = undefined;
    fail(
      `The GPU was lost (${reason}).`,
      'Resume from the last checkpoint; if it happens again, lower the batch or the model.',
      true,
    );
  },
  failed(error) {
    // What is being opened is not whole.
    if (state === 'preparing') generation++;
    pause();
    fail(error, 'Reopen the experiment; if it happens again, lower the batch or the model.', true);
  },
});

/** Nothing runs, nor is about to. */
const isStill = (): boolean => state !== 'running' && state !== 'preparing';

/** In the place of training; once it is done nothing is left of it in the loop, whether it failed or not. */
function instead<T>(work: () => Promise<T>): Promise<T> {
  const done = loop.then(work);
  loop = done.then(
    () => {},
    () => {},
  );
  return done;
}

async function measure(): Promise<void> {
  const gpu = await device.open();
  if (isStill()) await instead(() => tiles.measure(gpu.device));
  if (tiles.choice) post({ type: 'tiles', choice: tiles.choice });
}

async function open(command: Extract<Command, { type: 'open' }>): Promise<void> {
  const mine = ++generation;
  pause();
  await loop;
  const before = session;
  session = undefined;
  beginnings++;
  await before?.close();
  // Another was asked for, or the device was lost: that is told by itself.
  if (generation !== mine) return;
  points.clear();
  setState('preparing');
  try {
    const { experiment, resume } = command;
    const gpu = await device.open();
    adapter ??= await probe(gpu);
    const fresh = await Session.open(
      gpu,
      {
        experiment,
        resume,
        kernels: command.kernels,
        cancelled: () => generation !== mine,
        loadBase: (name) => fetchBase(command.bases, name, experiment),
      },
      {
        ...measuredEvents(post, points),
        progress: (phase, done, total, note) => {
          if (generation === mine) post({ type: 'progress', phase, done, total, note });
        },
      },
    );
    if (generation !== mine) {
      fresh.destroy();
      return;
    }
    session = fresh;
    fresh.setAsked(asked);
    fresh.setPairsAsked(arePairsAsked);
    fresh.setGainsAsked(areGainsAsked);
    const task = TASKS.get(experiment.task) as Task;
    const predicted = estimate(experiment, task, adapter, gpu.device.limits);
    post({
      type: 'opened',
      runs: session.runs.map(({ arm, seed }) => ({ arm, seed })),
      estimate: predicted,
      strengths: [...session.strengths],
      tile: session.engine.workspace.sizes.tile,
      sampling: session.engine.decoding.variant,
    });
    setState('ready');
  } catch (error) {
    if (generation === mine && !(device.current && (await isLosing(device.current.device))))
      fail(error, 'Change the setting that the message names, then open again.', true);
  }
}

function pause(): void {
  pauses++;
  session?.pause();
}

/** Trains until paused, done, or as far as `train` goes. */
function run(train = (current: Session): Promise<void> => current.run()): void {
  const current = session;
  const gpu = device.current;
  if (!current || state === 'running') return;
  setState('running');
  const before = pauses;
  loop = loop
    .then(() => (pauses === before ? train(current) : undefined))
    .then(() => {
      points.flush();
      if (session === current && state === 'running')
        setState(current.isFinished ? 'finished' : 'paused');
    })
    .catch((error) => failUnlessLost(gpu, error, 'Reopen the experiment.', true));
}

async function slowStep({ id, seed }: Extract<Command, { type: 'slow_step' }>): Promise<void> {
  try {
    const current = session;
    if (!current) throw new Error('nothing is open');
    const before = pauses;
    const { step, seen } = await current.watchStep(seed);
    if (!current.isBusy) {
      // A loop that has just ended has yet to say so.
      await loop;
      if (pauses === before) run((runs) => runs.run(step));
    }
    post({ type: 'slow_step', id, step: await seen });
  } catch (error) {
    post({ type: 'slow_step', id, message: messageOf(error) });
  }
}

async function trust(): Promise<void> {
  try {
    post({ type: 'trust', report: await trustReport(await device.open(), session) });
  } catch (error) {
    post({ type: 'trust', message: messageOf(error) });
  }
}

async function profile(): Promise<void> {
  try {
    if (state === 'running') throw new Error('training must stand still; pause it first');
    if (state === 'preparing') throw new Error('the experiment is still being prepared');
    const gpu = await device.open();
    post({ type: 'profile', report: await instead(() => profileReport(gpu, session)) });
  } catch (error) {
    post({ type: 'profile', message: messageOf(error) });
  }
}

async function obey(command: Command): Promise<void> {
  switch (command.type) {
    case 'probe':
      post({
        type: 'tiles',
        choice: await tiles.settle((await device.open()).device, command.tiles),
      });
      adapter ??= await probe(await device.open());
      return post({ type: 'adapter', adapter });
    case 'open':
      return open(command);
    case 'start':
      return run();
    case 'step':
      return run((current) => current.stepAll());
    case 'pause':
      return pause();
    case 'reset':
      pause();
      await loop;
      session?.reset();
      beginnings++;
      points.clear();
      return session ? setState('ready') : undefined;
    case 'measure':
      asked = command.metrics;
      return session?.setAsked(asked);
    case 'pairs':
      arePairsAsked = command.isAsked;
      return session?.setPairsAsked(arePairsAsked);
    case 'gains':
      areGainsAsked = command.isAsked;
      return session?.setGainsAsked(areGainsAsked);
    case 'values':
      return session?.setValues(command.values, command.arm);
    case 'checkpoint':
      return takeCheckpoint(
        session,
        () => beginnings,
        () => points.flush(),
      );
    case 'export_weights':
      return exportWeights(session, command);
    case 'inspect':
      return inspect(session, command, () => beginnings);
    case 'slow_step':
      return slowStep(command);
    case 'trust':
      return trust();
    case 'profile':
      return profile();
    case 'measure_tiles':
      return measure();
    default:
      command satisfies never;
  }
}

obeyWith((command) => {
  const gpu = device.current;
  const advice = 'Use a current Chrome, Edge, Firefox or Safari with WebGPU, then reload.';
  obey(command).catch((error) => failUnlessLost(gpu, error, advice, false));
});
