// λ against −A on the page: when it is asked for, what is forgotten, and what plot and words say.
import { expect, test, vi } from 'vitest';
import { PAPER } from '../../src/ui/charts/plot_marks.ts';
import { type ArmPairs, createPairs } from '../../src/ui/pairs/pairs.ts';
import { meanLambdas, meansText, pairsPlot, summary } from '../../src/ui/pairs/pairs_plot.ts';
import type { Command, Event } from '../../src/worker/protocol.ts';

const pairs: ArmPairs = {
  ...{ type: 'pairs', arm: 'ibro', seed: 0, step: 12, tokens: 3400, r: 0.125 },
  lambda: Float32Array.of(-1, 0, 1, 0.5),
  minusA: Float32Array.of(-1.5, -1.5, 0.5, 0),
};

function connected() {
  const sent: Command[] = [];
  let tell: (event: Event) => void = () => {};
  const view = createPairs({
    send: (command) => sent.push(command),
    onEvent: (listener) => {
      tell = listener;
    },
    close: () => {},
  });
  const heard = vi.fn();
  view.client.onEvent(heard);
  return { view, sent, heard, tell: (event: Event) => tell(event) };
}

test('is asked for while somebody looks, once for all who do', () => {
  const { view, sent } = connected();
  const [first, second] = [view.watch(), view.watch()];
  first();
  first();
  expect(sent).toEqual([{ type: 'pairs', isAsked: true }]);
  second();
  expect(sent).toEqual([
    { type: 'pairs', isAsked: true },
    { type: 'pairs', isAsked: false },
  ]);
});

test('the newest of each arm is kept, until other runs are asked for', () => {
  const { view, heard, tell } = connected();
  tell(pairs);
  tell({ ...pairs, step: 13 });
  tell({ ...pairs, arm: 'other' });
  const steps = () => Object.entries(view.store.getState()).map(([arm, p]) => [arm, p.step]);
  expect(steps()).toEqual([
    ['ibro', 13],
    ['other', 12],
  ]);
  expect(heard).toHaveBeenCalledTimes(3);
  view.client.send({ type: 'open' } as Command);
  // Still on its way from the runs before.
  tell(pairs);
  expect(steps()).toEqual([]);
  tell({ type: 'opened', runs: [] } as unknown as Event);
  tell(pairs);
  expect(steps()).toEqual([['ibro', 12]]);
  view.client.send({ type: 'reset' });
  expect(steps()).toEqual([]);
});

test('the plot has a dot for each token, at its place beside the line λ = −A', () => {
  const box = { width: 300, height: 240, left: 40, right: 10, top: 20, bottom: 40 };
  const marks = pairsPlot(pairs, box, '#123456', PAPER.light, 11);
  const dots = marks.filter(({ tag }) => tag === 'circle').map(({ attrs }) => attrs);
  expect(dots).toHaveLength(4);
  for (const { cx, cy, fill } of dots) {
    expect(Number(cx)).toBeGreaterThanOrEqual(box.left);
    expect(Number(cx)).toBeLessThanOrEqual(box.width - box.right);
    expect(Number(cy)).toBeGreaterThanOrEqual(box.top);
    expect(Number(cy)).toBeLessThanOrEqual(box.height - box.bottom);
    expect(fill).toBe('#123456');
  }
  // λ grows upward, −A to the right.
  expect(dots[0].cy).toBeGreaterThan(Number(dots[1].cy));
  expect(dots[0].cx).toBe(dots[1].cx);
  expect(dots[2].cx).toBeGreaterThan(Number(dots[0].cx));
  expect(marks.some(({ text }) => text === 'λ = −A')).toBe(true);
});

test('says in words where λ stands', () => {
  expect(meanLambdas(pairs)).toEqual({ good: -0.5, bad: 1, none: 0.5 });
  expect(meansText(pairs)).toBe('Mean λ −0.500 where A > 0, 1.000 where A < 0, 0.500 where A = 0.');
  expect(summary('IBRO', pairs)).toMatch(
    /seed 0, step 12, over 3400 tokens: their correlation is 0\.125\./,
  );
  expect(summary('IBRO', { ...pairs, r: Number.NaN })).toMatch(
    /does not vary, so there is no correlation/,
  );
});
