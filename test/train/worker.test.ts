// The Worker on Dawn: open, run, pause, step, checkpoint, look, and what it says when a setting does not fit.
import { expect, it } from 'vitest';
import { METRIC_INDEX, METRICS } from '../../src/metrics/index.ts';
import type { Checkpoint, Event } from '../../src/worker/protocol.ts';
import { bases, experiment, heard, say, state, taken, told } from './worker_scope.ts';

let checkpoint: Checkpoint;

it('probes, prepares and opens', async () => {
  say({ type: 'probe' });
  const { adapter } = await heard('adapter');
  expect(adapter.gflops).toBeGreaterThan(0.01);
  expect(adapter.dispatch_us).toBeGreaterThan(0);
  say({ type: 'open', experiment, bases });
  const { runs, estimate } = await heard('opened');
  expect(runs).toEqual([
    { arm: 'none', seed: 0 },
    { arm: 'ib', seed: 0 },
  ]);
  expect(estimate.seconds_total).toBeGreaterThan(0);
  expect(estimate.memory_bytes).toBeGreaterThan(1e6);
  await state('ready');
  const compiled = told.filter((e) => e.type === 'progress' && e.phase === 'compiling kernels');
  expect(compiled.at(-1)).toMatchObject({ done: (compiled.at(-1) as { total: number }).total });
});

it('steps every run once', async () => {
  const from = told.length;
  say({ type: 'step' });
  await state('paused', from);
  const points = told.slice(from).filter((e) => e.type === 'points');
  for (const arm of ['none', 'ib']) {
    const rows = points.filter((e) => e.arm === arm).flatMap((e) => [...e.values]);
    // Step 0, the base, and step 1.
    expect(rows).toHaveLength(2 * METRICS.length);
    const base = rows[METRIC_INDEX.eval_accuracy];
    expect(base).toBeGreaterThanOrEqual(0);
    expect(rows[METRICS.length + METRIC_INDEX.entropy]).toBeGreaterThan(0.1);
  }
  const shown = told.slice(from).filter((e) => e.type === 'responses');
  expect(shown.map((e) => e.prompt.join())).toEqual([
    shown[0].prompt.join(),
    shown[0].prompt.join(),
  ]);
  expect(shown[0].samples).toHaveLength(2);
});

it('looks at a response between turns, and says why where it cannot', async () => {
  const from = told.length;
  const shown = told.find((e) => e.type === 'responses') as Extract<Event, { type: 'responses' }>;
  const { arm, seed, prompt, samples } = shown;
  const responses = samples.map(({ tokens, logp, advantage }) => ({
    ...{ prompt, tokens, logp, advantage },
  }));
  say({ type: 'inspect', id: 7, arm, seed, responses });
  const { inspection } = await heard('inspection', from, (e) => e.id === 7);
  expect(inspection?.step).toBe(1);
  expect(inspection?.responses.map((r) => r.entropy.length)).toEqual(
    samples.map((s) => s.tokens.length),
  );
  say({ type: 'inspect', id: 8, arm: 'gone', seed, responses });
  expect(await heard('inspection', from, (e) => e.id === 8)).toMatchObject({
    message: 'inspect: run must exist, got gone/0',
  });
});

it('a look that has not begun when another experiment opens says so, and harms nothing', async () => {
  const from = told.length;
  const shown = told.find((e) => e.type === 'responses') as Extract<Event, { type: 'responses' }>;
  const { arm, seed, prompt, samples } = shown;
  const responses = samples.map(({ tokens, logp, advantage }) => ({
    ...{ prompt, tokens, logp, advantage },
  }));
  // In the same moment, and while the other one is being made.
  say({ type: 'inspect', id: 9, arm, seed, responses });
  say({ type: 'open', experiment, bases });
  expect(await heard('inspection', from, (e) => e.id === 9)).toMatchObject({
    message: expect.stringContaining('has been closed'),
  });
  await state('ready', from);
  expect(told.slice(from).filter((e) => e.type === 'failed')).toEqual([]);
  const then = told.length;
  say({ type: 'step' });
  await state('paused', then);
});

it('checks itself against float64, and shows its losses', async () => {
  const from = told.length;
  say({ type: 'trust' });
  const { report } = await heard('trust', from);
  expect(report?.checks.every(({ error, tolerance }) => error <= tolerance)).toBe(true);
  expect(report?.losses.map(({ arm }) => arm)).toEqual(['none', 'ib']);
  expect(report?.losses[1].wgsl).toContain('fn ib_entropy(');
});

it('tells which kernels are chosen, opens with them, and measures them when asked', async () => {
  const { choice } = await heard('tiles');
  expect((await heard('opened')).tile).toBe(choice.tile);
  if (choice.how === 'only') return;
  const from = told.length;
  say({ type: 'measure_tiles' });
  const measured = (await heard('tiles', from)).choice;
  expect(measured).toMatchObject({ key: choice.key, usual: choice.usual });
  expect(measured.measured).toBeGreaterThan(0);
});

it('opens a kept run with the kernels it had, and its states say which', async () => {
  const from = told.length;
  say({ type: 'open', experiment, bases, kernels: { tile: 'alone' } });
  expect((await heard('opened', from)).tile).toBe('alone');
  await state('ready', from);
  say({ type: 'step' });
  await state('paused', from);
  say({ type: 'checkpoint' });
  const taken = (await heard('checkpoint', from)).checkpoint;
  expect(taken).toMatchObject({ tile: 'alone', sampling: 'loop' });
  // A state's own comes first.
  const next = told.length;
  say({ type: 'open', experiment, bases, resume: taken });
  expect((await heard('opened', next)).tile).toBe('alone');
  await state('ready', next);
  const last = told.length;
  say({ type: 'open', experiment, bases });
  await state('ready', last);
  say({ type: 'step' });
  await state('paused', last);
});

it('profiles a step of the open experiment while it stands still, and only then', async () => {
  const from = told.length;
  say({ type: 'profile' });
  const { report } = await heard('profile', from);
  expect(report?.model).toContain('nano (2 layers, 64 channels) on chain_sum, arm “none”');
  expect(report?.kernels.map(({ kernel }) => kernel)).toContain('attention');
  expect(Math.abs((report?.memory.held ?? 0) / (report?.memory.promised ?? 1) - 1)).toBeLessThan(
    0.1,
  );
  const running = told.length;
  say({ type: 'step' });
  say({ type: 'profile' });
  expect(await heard('profile', running)).toMatchObject({
    message: 'training must stand still; pause it first',
  });
  await state('paused', running);
});

it('takes a checkpoint and new values while it runs, and pauses', async () => {
  const from = told.length;
  say({ type: 'start' });
  say({ type: 'values', arm: 'ib', values: { 'ib_entropy.alpha': 0.9 } });
  say({ type: 'checkpoint' });
  checkpoint = (await taken(from)).checkpoint;
  expect(checkpoint.runs.map((run) => run.arm)).toEqual(['none', 'ib']);
  expect(checkpoint.runs[0].step).toBeGreaterThanOrEqual(1);
  say({ type: 'pause' });
  await state('paused', from);
});

it('tells the curve of every state before the state: a kept run has no gap', async () => {
  say({ type: 'reset' });
  await state('ready', told.length);
  const from = told.length;
  say({ type: 'start' });
  // Curves are gathered for 100 ms, so several tries: a state right after its step would overtake them.
  for (let k = 0; k < 4; k++) {
    const since = told.length;
    say({ type: 'checkpoint' });
    const { runs } = (await taken(since)).checkpoint;
    const at = told.findIndex((event, i) => i >= since && event.type === 'checkpoint');
    for (const { arm, step } of runs) {
      const last = told
        .slice(from, at)
        .filter((event) => event.type === 'points' && event.arm === arm)
        .map((event) => event as Extract<Event, { type: 'points' }>)
        .map(({ firstStep, values }) => firstStep + values.length / METRICS.length - 1);
      expect(Math.max(0, ...last)).toBeGreaterThanOrEqual(step);
    }
  }
  say({ type: 'pause' });
  await heard('state', from, (event) => event.state === 'paused' || event.state === 'finished');
});

it('goes back to the beginning on reset', async () => {
  const from = told.length;
  say({ type: 'reset' });
  await state('ready', from);
  say({ type: 'step' });
  await state('paused', from);
  const first = told.slice(from).find((e) => e.type === 'points') as { firstStep: number };
  expect(first.firstStep).toBe(0);
});

it('takes a step for a slow look from a pause, keeps one while it runs, and says why there is none', async () => {
  const from = told.length;
  say({ type: 'slow_step', id: 1, seed: 0 });
  const { step } = await heard('slow_step', from, (e) => e.id === 1);
  expect(step).toMatchObject({ step: 2, seed: 0, arms: [{ arm: 'none' }, { arm: 'ib' }] });
  await state('paused', from);
  const rows = told.slice(from).filter((e) => e.type === 'points');
  expect(rows.map((e) => e.firstStep)).toEqual([2, 2]);

  const running = told.length;
  say({ type: 'start' });
  say({ type: 'slow_step', id: 2, seed: 0 });
  const next = (await heard('slow_step', running, (e) => e.id === 2)).step;
  expect(next?.step).toBeGreaterThan(2);
  await state('finished', running);
  say({ type: 'slow_step', id: 3, seed: 0 });
  expect(await heard('slow_step', running, (e) => e.id === 3)).toMatchObject({
    message: 'slow motion: runs of seed 0 must have steps to go, got none',
  });
});

it('refuses what does not fit, names the setting, and opens again afterwards', async () => {
  const from = told.length;
  say({ type: 'open', experiment: { ...experiment, model: 'micro' }, bases });
  const failed = await heard('failed', from);
  expect(failed.message).toContain('no shipped base for chain_sum with the model micro');
  expect(failed.recoverable).toBe(true);
  const bad = { ...checkpoint, runs: [{ ...checkpoint.runs[0], parameters: new Float32Array(3) }] };
  const second = told.length;
  say({ type: 'open', experiment, bases, resume: bad });
  expect((await heard('failed', second)).message).toMatch(
    /checkpoint: none\/0 must hold \d+ values, got 3/,
  );
  const last = told.length;
  say({ type: 'open', experiment, bases });
  await state('ready', last);
});
