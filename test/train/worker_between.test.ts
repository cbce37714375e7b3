// What comes in between in the Worker on Dawn: a device that is lost, commands while others are under way.
import { expect, it, vi } from 'vitest';
import { bases, devices, experiment, heard, say, state, taken, told } from './worker_scope.ts';

it('says that the device was lost, and resumes from the checkpoint on a new one', async () => {
  say({ type: 'probe' });
  say({ type: 'open', experiment, bases });
  await state('ready');
  say({ type: 'step' });
  await state('paused');
  say({ type: 'checkpoint' });
  const { checkpoint } = await taken(0);
  const from = told.length;
  devices.at(-1)?.destroy();
  const failed = await heard('failed', from);
  expect(failed).toMatchObject({
    recoverable: true,
    message: expect.stringContaining('GPU was lost'),
  });
  say({ type: 'open', experiment, bases, resume: checkpoint });
  await state('ready', from);
  say({ type: 'start' });
  await state('finished', from);
  const steps = told
    .slice(from)
    .filter((e) => e.type === 'points' && e.arm === 'none')
    .map((e) => (e as { firstStep: number }).firstStep);
  // It went on where the checkpoint was, not at the beginning.
  expect(Math.min(...steps)).toBe(checkpoint.runs[0].step + 1);
  expect(devices).toHaveLength(2);
});

it('tells a loss in the middle of a step once, and marks no run as failed', async () => {
  say({ type: 'reset' });
  await state('ready', told.length);
  const from = told.length;
  say({ type: 'start' });
  await heard('responses', from);
  // A checkpoint is on its way, too.
  say({ type: 'checkpoint' });
  devices.at(-1)?.destroy();
  await heard('failed', from);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const after = told.slice(from);
  expect(after.filter((e) => e.type === 'run_failed')).toEqual([]);
  const failures = after.filter((e) => e.type === 'failed');
  expect(failures).toMatchObject([
    { recoverable: true, message: expect.stringContaining('The GPU was lost') },
  ]);
  expect(after.findLast((e) => e.type === 'state')).toMatchObject({ state: 'failed' });
  say({ type: 'open', experiment, bases });
  await state('ready', told.length);
});

it('pauses what has yet to begin', async () => {
  const from = told.length;
  // Training waits until the profile is done.
  say({ type: 'profile' });
  await new Promise((resolve) => setTimeout(resolve, 0));
  say({ type: 'start' });
  await state('running', from);
  say({ type: 'pause' });
  await state('paused', from);
  await heard('profile', from);
  expect(told.slice(from).filter((event) => event.type === 'points')).toEqual([]);
});

it('says so where there is no state or look to take, or the runs begin anew meanwhile', async () => {
  const from = told.length;
  const look = { prompt: [1, 2], tokens: [3], logp: [-1], advantage: 1 };
  say({ type: 'checkpoint' });
  say({ type: 'inspect', id: 10, arm: 'ib', seed: 0, responses: [look] });
  say({ type: 'reset' });
  expect(await heard('checkpoint', from)).toEqual({
    type: 'checkpoint',
    message: 'the runs began anew before it was taken',
  });
  expect(await heard('inspection', from)).toEqual({
    ...{ type: 'inspection', id: 10 },
    message: 'the runs began anew before it was taken',
  });
  say({ type: 'open', experiment, bases });
  await state('preparing', from);
  const since = told.length;
  say({ type: 'checkpoint' });
  say({ type: 'export_weights', arm: 'ib', seed: 0 });
  const message = 'nothing is open';
  expect(await heard('checkpoint', since)).toEqual({ type: 'checkpoint', message });
  expect(await heard('weights', since)).toEqual({ type: 'weights', arm: 'ib', seed: 0, message });
  await state('ready', since);
});

it('does not take what fails while it is being opened for whole', async () => {
  /** Events of an `open` on whose way the device tells of an error, up to a while after it. */
  const failing = async () => {
    const from = told.length;
    say({ type: 'open', experiment, bases });
    await heard('progress', from);
    // Nobody waits for this error.
    devices.at(-1)?.createBuffer({ size: 4, usage: 0 });
    expect(await heard('failed', from)).toMatchObject({ recoverable: true });
    await new Promise((resolve) => setTimeout(resolve, 3000));
    return told.slice(from).map((event) => (event.type === 'state' ? event.state : event.type));
  };
  let events = await failing();
  // A device may take its time to tell: then it was open before.
  for (let i = 0; i < 4 && events.includes('opened'); i++) events = await failing();
  expect(events).not.toContain('opened');
  expect(events).not.toContain('ready');
  say({ type: 'open', experiment, bases });
  await state('ready', told.length);
});

it('opens what is asked for last, with one device, and says of a loss on the way once', async () => {
  devices.at(-1)?.destroy();
  await heard('failed', told.length);
  const [from, known] = [told.length, devices.length];
  say({ type: 'trust' });
  say({ type: 'open', experiment, bases });
  say({ type: 'open', experiment: { ...experiment, seeds: [1] }, bases });
  expect((await heard('opened', from)).runs.map(({ seed }) => seed)).toEqual([1, 1]);
  await heard('trust', from);
  expect(devices.length - known).toBe(1);
  expect(told.slice(from).filter((event) => event.type === 'opened')).toHaveLength(1);
  say({ type: 'start' });
  await heard('responses', from);
  const since = told.length;
  say({ type: 'open', experiment, bases });
  devices.at(-1)?.destroy();
  await heard('failed', since);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const last = told.findLast((event) => event.type === 'state');
  expect(last).toMatchObject({ state: 'failed' });
  say({ type: 'open', experiment, bases });
  await state('ready', told.length);
});

it('a slow step that is asked for before the runs are stopped ends with them, and trains nothing after', async () => {
  const meanwhile = [
    { type: 'pause' },
    { type: 'reset' },
    { type: 'open', experiment, bases },
  ] as const;
  for (const [id, command] of meanwhile.entries()) {
    const from = told.length;
    say({ type: 'start' });
    await heard('points', from);
    say({ type: 'slow_step', id: 20 + id, seed: 0 });
    say(command);
    expect(await heard('slow_step', from, (e) => e.id === 20 + id)).toMatchObject({
      message: expect.stringContaining('the runs were stopped'),
    });
    const still = command.type === 'pause' ? 'paused' : 'ready';
    await state(still, from);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const states = told.slice(from).flatMap((e) => (e.type === 'state' ? [e.state] : []));
    expect(states.filter((x) => x === 'running')).toHaveLength(1);
    expect(states.at(-1)).toBe(still);
    say({ type: 'reset' });
    await heard('state', told.length, (e) => e.state === 'ready');
  }
});

it('a slow step that is asked for after a pause is taken when the runs stand', async () => {
  const from = told.length;
  say({ type: 'start' });
  await heard('points', from);
  say({ type: 'pause' });
  say({ type: 'slow_step', id: 30, seed: 0 });
  const { step } = await heard('slow_step', from, (e) => e.id === 30);
  expect(step).toMatchObject({ seed: 0, arms: [{ arm: 'none' }, { arm: 'ib' }] });
  await vi.waitFor(() =>
    expect(told.findLast((e) => e.type === 'state')).toMatchObject({ state: 'paused' }),
  );
  const states = told.slice(from).flatMap((e) => (e.type === 'state' ? [e.state] : []));
  expect(states).toEqual(['running', 'paused', 'running', 'paused']);
});
