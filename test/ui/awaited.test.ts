// What the page asks the engine for and waits for: it always gets an answer, and its own.
import { describe, expect, test } from 'vitest';
import { runsOf } from '../../src/core/experiment.ts';
import { History } from '../../src/ui/history.ts';
import { createSessionStore } from '../../src/ui/store.ts';
import { connect } from '../../src/ui/sync.ts';
import type { Checkpoint, Command, Event, SessionState } from '../../src/worker/protocol.ts';
import { shippedPreset } from './helpers.ts';

/** A page on an engine that says what the test says. */
function setUp() {
  const experiment = shippedPreset();
  const store = createSessionStore(experiment, 'naive-vs-ib');
  const sent: Command[] = [];
  let tell: (event: Event) => void = () => {};
  const client = {
    send: (command: Command) => void sent.push(command),
    onEvent: (listener: (event: Event) => void) => {
      tell = listener;
    },
    close: () => {},
  };
  const actions = connect(client, store, new History(), { takesProposal: false, bases: '/' });
  const become = (state: SessionState) => tell({ type: 'state', state });
  const ready = () => {
    become('preparing');
    const estimate = { seconds_per_step: 1, seconds_total: 1, memory_bytes: 1 };
    tell({ type: 'opened', runs: runsOf(experiment), estimate });
    become('ready');
  };
  actions.restart();
  store.setState({ isQueued: false });
  ready();
  const state = (step: number): Checkpoint => {
    const empty = new Float32Array(1);
    const weights = { parameters: empty, m: empty, v: empty };
    const runs = runsOf(experiment).map((run) => ({ ...run, step, updates: step, ...weights }));
    return { experiment, runs, base: empty };
  };
  return { actions, store, sent, tell: (event: Event) => tell(event), become, ready, state };
}

describe('a state that is waited for', () => {
  test('comes, or says why not', async () => {
    const { actions, tell, state } = setUp();
    const taken = actions.checkpointNow();
    tell({ type: 'checkpoint', checkpoint: state(3) });
    expect((await taken).runs[0].step).toBe(3);
    const refused = actions.checkpointNow();
    tell({ type: 'checkpoint', message: 'nothing is open' });
    await expect(refused).rejects.toThrow('nothing is open');
  });

  test('is not one of the runs before a reset or before others were opened', async () => {
    const { actions, store, tell, become, ready, state } = setUp();
    become('running');
    const before = actions.checkpointNow();
    actions.reset();
    tell({ type: 'checkpoint', checkpoint: state(7) });
    await expect(before).rejects.toThrow('began anew');
    become('paused');
    become('ready');
    expect(store.getState().checkpointStep).toBeUndefined();
    // Nothing that was held before the reset is offered to go on from.
    tell({ type: 'checkpoint', checkpoint: state(9) });
    actions.step();
    become('running');
    become('paused');
    actions.reset();
    become('ready');
    expect(store.getState().checkpointStep).toBeUndefined();
    const other = actions.checkpointNow();
    actions.restart();
    tell({ type: 'checkpoint', checkpoint: state(8) });
    await expect(other).rejects.toThrow('began anew');
    ready();
    expect(store.getState().checkpointStep).toBeUndefined();
  });
});

describe('weights that are waited for', () => {
  test('are those of the run that was asked for, in whatever order they come', async () => {
    const { actions, tell } = setUp();
    const [ib, none, other] = [
      actions.exportWeights({ arm: 'ib', seed: 0 }),
      actions.exportWeights({ arm: 'none', seed: 0 }),
      actions.exportWeights({ arm: 'ib', seed: 1 }),
    ];
    tell({ type: 'weights', arm: 'ib', seed: 1, step: 5, files: [] });
    tell({ type: 'weights', arm: 'none', seed: 0, message: 'no room' });
    tell({ type: 'weights', arm: 'ib', seed: 0, step: 4, files: [] });
    expect(await ib).toMatchObject({ arm: 'ib', seed: 0, step: 4 });
    expect(await none).toMatchObject({ arm: 'none', seed: 0, message: 'no room' });
    expect(await other).toMatchObject({ arm: 'ib', seed: 1, step: 5 });
  });

  test('are refused by an engine that stopped', async () => {
    const { actions, tell } = setUp();
    const weights = actions.exportWeights({ arm: 'ib', seed: 0 });
    tell({ type: 'failed', message: 'worker: gone', advice: 'Reload.', recoverable: false });
    expect(await weights).toMatchObject({ message: 'worker: gone' });
  });
});
