/** Store, history and client joined over a MessageChannel, against the scripted engine. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { armValues, type Experiment } from '../../src/core/experiment.ts';
import * as change from '../../src/ui/edit.ts';
import { History } from '../../src/ui/history.ts';
import { createSessionStore, edit } from '../../src/ui/store.ts';
import { connect } from '../../src/ui/sync.ts';
import { clientOf } from '../../src/worker/client.ts';
import { type FakeOptions, FakeWorker } from './fake_worker.ts';
import { shippedPreset } from './helpers.ts';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** To score a response under, where 16 are held out. */
function tooManyPrompts(draft: Experiment): Experiment {
  const few = change.setValue('trainer.eval_prompts', 16)(draft);
  return change.setValue(
    'trainer.information_prompts',
    64,
  )(change.setValue('trainer.information', 1)(few));
}

function setUp(
  options: Partial<FakeOptions> = {},
  takesProposal = true,
  begin: (draft: Experiment) => Experiment = change.patch({ seeds: [0, 1] }),
) {
  const { port1, port2 } = new MessageChannel();
  const preset = shippedPreset();
  const store = createSessionStore(preset, 'naive-vs-ib', begin(preset));
  const history = new History();
  const worker = new FakeWorker(port2, options);
  const client = clientOf(port1, () => port1.close());
  const actions = connect(client, store, history, { takesProposal, bases: '/bases/' });
  open.push(actions.close);
  const until = (check: () => boolean) => vi.waitFor(() => expect(check()).toBe(true), 4000);
  const sent = (type: string) => worker.commands.filter((command) => command.type === type);
  const state = () => store.getState().state;
  return { store, history, worker, actions, until, sent, state };
}

describe('a session', () => {
  test('probes, opens, is ready with an estimate', async () => {
    const { store, worker, until, state } = setUp();
    await until(() => state() === 'ready');
    expect(worker.commands.map((command) => command.type)).toEqual(['probe', 'open']);
    expect(store.getState().estimate?.seconds_total).toBeGreaterThan(0);
  });

  test('Start before ready is queued; points land in the history; pause holds', async () => {
    const { store, history, actions, until, state } = setUp();
    actions.start();
    expect(store.getState().isQueued).toBe(true);
    await until(() => history.lastStep() > 3);
    actions.pause();
    await until(() => state() === 'paused');
    const reached = history.lastStep();
    expect(history.means('naive', 'entropy').length).toBe(reached + 1);
    actions.step();
    await until(() => history.lastStep() === reached + 1 && state() === 'paused');
    expect(Object.keys(store.getState().responses)).toHaveLength(6);
  });

  test('Start pressed twice before ready does not start', async () => {
    const { history, actions, until, sent, state } = setUp();
    actions.toggle();
    actions.toggle();
    await until(() => state() === 'ready');
    expect(sent('start')).toEqual([]);
    expect(history.lastStep()).toBe(0);
  });

  test('reset drops the curves', async () => {
    const { history, actions, until, state } = setUp();
    actions.start();
    await until(() => history.lastStep() > 2);
    actions.reset();
    await until(() => state() === 'ready');
    expect(history.runs()).toEqual([]);
  });

  test('a slider is sent once per frame, to its arm', async () => {
    const { store, until, sent, state } = setUp();
    await until(() => state() === 'ready');
    for (const alpha of [0.3, 0.4, 0.5]) {
      edit(store, change.setArmValue('naive', 'entropy_bonus.alpha', alpha));
    }
    await until(() => sent('values').length > 0);
    expect(sent('values')).toEqual([
      { type: 'values', arm: 'naive', values: { 'entropy_bonus.alpha': 0.5 } },
    ]);
    const { opened } = store.getState();
    expect(opened && armValues(opened, opened.arms[1])['entropy_bonus.alpha']).toBe(0.5);
  });

  test('before the first step a size opens anew by itself', async () => {
    const { store, until, sent, state } = setUp();
    await until(() => state() === 'ready');
    edit(store, change.setValue('trainer.prompts', 4));
    await until(() => sent('open').length === 2 && state() === 'ready');
    expect(store.getState().opened?.values['trainer.prompts']).toBe(4);
  });

  test('after it only a restart applies it, and the curves stay until then', async () => {
    const { store, history, actions, until, sent, state } = setUp();
    actions.start();
    await until(() => history.lastStep() > 2);
    actions.pause();
    await until(() => state() === 'paused');
    edit(store, change.setValue('trainer.prompts', 4));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(sent('open')).toHaveLength(1);
    expect(history.lastStep()).toBeGreaterThan(2);
    actions.restart();
    await until(() => state() === 'running');
    expect(store.getState().opened?.values['trainer.prompts']).toBe(4);
  });

  test('what the page begins with and cannot run is opened once it has been mended', async () => {
    const { store, until, sent, state, actions } = setUp({}, true, tooManyPrompts);
    await until(() => store.getState().adapter !== undefined);
    await until(() => store.getState().notices.length === 1);
    expect(store.getState().notices[0].message).toMatch(/at most 16, got 64/);
    expect([sent('open'), state()]).toEqual([[], 'empty']);
    edit(store, change.setValue('trainer.information_prompts', 16));
    actions.start();
    await until(() => state() === 'running');
    expect(sent('open')).toHaveLength(1);
    expect(store.getState().notices).toEqual([]);
  });

  test('settings that cannot run are not opened', async () => {
    const { store, actions, until, sent, state } = setUp();
    await until(() => state() === 'ready');
    edit(store, change.setValue('chain_sum.min_operands', 10));
    actions.restart();
    expect(sent('open')).toHaveLength(1);
    expect(store.getState().notices[0].message).toMatch('min_operands');
  });
});

describe('the proposal for a slow adapter', () => {
  test('is applied on a first visit, and can be set aside', async () => {
    const { store, actions, until, state } = setUp({ software: true });
    await until(() => state() === 'ready');
    expect(store.getState().proposal).toBe('applied');
    expect(store.getState().opened?.seeds).toEqual([0]);
    expect(store.getState().opened?.values['trainer.prompts']).toBe(8);
    actions.usePreset();
    await until(() => store.getState().opened?.values['trainer.prompts'] === 32);
    expect(store.getState().opened?.seeds).toEqual([0, 1, 2]);
  });

  test('leaves shared settings alone', async () => {
    const { store, until, state } = setUp({ software: true }, false);
    await until(() => state() === 'ready');
    expect(store.getState().proposal).toBe('none');
    expect(store.getState().opened?.seeds).toEqual([0, 1]);
  });
});

describe('failures', () => {
  test('a lost device keeps the curves and resumes from the last checkpoint', async () => {
    const { store, history, actions, until, sent, state } = setUp({ failAt: 25 });
    actions.start();
    await until(() => state() === 'failed');
    expect(history.lastStep()).toBe(24);
    expect(store.getState().failure?.recoverable).toBe(true);
    const { checkpointStep } = store.getState();
    expect(checkpointStep).toBeGreaterThanOrEqual(24 - 10);
    actions.resume();
    await until(() => state() === 'paused');
    expect(history.lastStep()).toBe(24);
    expect(sent('open')[1]).toHaveProperty('resume.runs.0.step', checkpointStep);
    actions.start();
    await until(() => history.lastStep() > 26);
  });

  test('a refused model says why, and another choice opens by itself', async () => {
    const { store, until, state } = setUp();
    await until(() => state() === 'ready');
    edit(store, change.patch({ model: 'micro' }));
    await until(() => state() === 'failed');
    expect(store.getState().failure?.message).toContain('micro');
    edit(store, change.patch({ model: 'nano' }));
    await until(() => state() === 'ready');
    expect(store.getState().failure).toBeUndefined();
  });

  test('a failed run is marked and the others go on', async () => {
    const { history, actions, until } = setUp({ runFailsAt: 3 });
    actions.start();
    await until(() => history.lastStep() > 6);
    const failed = history.runs().filter((run) => run.failed);
    expect(failed.map(({ arm, seed, length }) => [arm, seed, length])).toEqual([['none', 0, 3]]);
  });
});
