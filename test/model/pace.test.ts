// Pieces of a rollout: short, few under way, whatever the machine does; and turns at the buffers that all share.
import { describe, expect, it } from 'vitest';
import { Turns } from '../../src/gpu/turns.ts';
import { Pace, UNDER_WAY } from '../../src/model/pace.ts';

interface Machine {
  /** Milliseconds of token t. */
  cost(t: number): number;
  /** From the end of a piece to the news of it. */
  delay?: number;
  /** News comes only at multiples of this. */
  every?: number;
  /** Once, at this piece of news, the machine stands still for two seconds. */
  hiccup?: number;
}

/** A queue with a clock of its own: news of what is under way arrives as soon as somebody waits. */
function simulate({ cost, delay = 0, every = 0, hiccup = -1 }: Machine) {
  let clock = 0;
  let asked = 0;
  let busyUntil = 0;
  const news: { at: number; tell: () => void }[] = [];
  let isTicking = false;
  const tick = (): void => {
    news.sort((a, b) => a.at - b.at);
    const next = news.shift();
    isTicking = next !== undefined;
    if (!next) return;
    clock = Math.max(clock, next.at);
    next.tell();
    setTimeout(tick, 0);
  };
  const pieces: { tokens: number; ms: number }[] = [];
  let underWay = 0;
  let most = 0;
  const pace = new Pace(() => clock);
  const queue = {
    onSubmittedWorkDone: () =>
      new Promise<undefined>((tell) => {
        const end = Math.max(clock, busyUntil) + delay + (asked++ === hiccup ? 2000 : 0);
        const at = every > 0 ? Math.ceil((end + 1e-9) / every) * every : end;
        news.push({ at, tell: () => tell(undefined) });
        if (!isTicking) setTimeout(tick, 0);
        isTicking = true;
      }),
  };
  const rollout = async (tokens: number, sequences = 8): Promise<typeof pieces> => {
    pieces.length = 0;
    await pace.run(queue, { tokens, sequences }, (from, to) => {
      let ms = 0;
      for (let t = from; t < to; t++) ms += cost(t);
      pieces.push({ tokens: to - from, ms });
      busyUntil = Math.max(clock, busyUntil) + ms;
      underWay++;
      most = Math.max(most, underWay);
      queue.onSubmittedWorkDone().then(() => underWay--);
    });
    await queue.onSubmittedWorkDone();
    return [...pieces];
  };
  return { rollout, most: () => most, clock: () => clock };
}

const tokensOf = (pieces: { tokens: number }[]) => pieces.reduce((sum, p) => sum + p.tokens, 0);

describe('pieces', () => {
  it('are short on a slow machine from the second on, and few are under way', async () => {
    const machine = simulate({ cost: () => 30 });
    const first = await machine.rollout(40);
    expect(tokensOf(first)).toBe(40);
    // Two go before anything is known.
    expect(first.slice(2).every(({ ms }) => ms <= 60)).toBe(true);
    const second = await machine.rollout(40);
    expect(Math.max(...second.map(({ ms }) => ms))).toBeLessThanOrEqual(50);
    expect(machine.most()).toBeLessThanOrEqual(UNDER_WAY + 1);
  });

  it('grow on a fast machine to the whole rollout', async () => {
    const machine = simulate({ cost: () => 0.05, delay: 1 });
    for (let i = 0; i < 6; i++) await machine.rollout(64);
    expect((await machine.rollout(64)).length).toBe(1);
  });

  it('begin short again where tokens at the end were cheap, since their sequences had ended', async () => {
    const machine = simulate({ cost: (t) => (t < 16 ? 10 : 0.2) });
    for (let i = 0; i < 4; i++) await machine.rollout(64);
    const pieces = await machine.rollout(64);
    expect(Math.max(...pieces.map(({ ms }) => ms))).toBeLessThanOrEqual(50);
    expect(pieces.length).toBeLessThan(12);
  });

  it('are shorter for more sequences before it has been measured, and not longer for fewer', async () => {
    const machine = simulate({ cost: () => 2 });
    for (let i = 0; i < 5; i++) await machine.rollout(64, 8);
    const [piece] = await machine.rollout(64, 8);
    expect((await machine.rollout(64, 80))[0].tokens).toBeLessThanOrEqual(piece.tokens / 10 + 1);
    for (let i = 0; i < 5; i++) await machine.rollout(64, 80);
    const [large] = await machine.rollout(64, 80);
    expect((await machine.rollout(64, 8))[0].tokens).toBeLessThanOrEqual(2 * large.tokens);
  });

  it('do not shrink where news is slow instead of the GPU', async () => {
    const machine = simulate({ cost: () => 0.5, every: 100 });
    for (let i = 0; i < 5; i++) await machine.rollout(64);
    expect((await machine.rollout(64)).length).toBeLessThanOrEqual(2);
  });
});

describe('pieces on a machine that stood still when it was first asked', () => {
  it.each([1, 2, 3])('for its news %i: are no longer for it', async (hiccup) => {
    const machine = simulate({ cost: () => 5, delay: 1, hiccup });
    for (let i = 0; i < 4; i++) await machine.rollout(64);
    const pieces = await machine.rollout(64);
    expect(Math.max(...pieces.map(({ ms }) => ms))).toBeLessThanOrEqual(50);
  });
});

describe('turns', () => {
  it('are taken in the order of asking, one at a time, also after one has failed', async () => {
    const turns = new Turns();
    const seen: string[] = [];
    const work = (name: string, fails = false) =>
      turns.take(async () => {
        seen.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 2));
        seen.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      });
    const [a, b, c] = [work('a'), work('b', true), work('c')];
    await expect(b).rejects.toThrow('b');
    expect([await a, await c]).toEqual(['a', 'c']);
    expect(seen).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  });

  it('are refused once they are closed, which waits for the one under way', async () => {
    const turns = new Turns();
    const seen: string[] = [];
    const first = turns.take(async () => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      seen.push('first ends');
    });
    await Promise.resolve();
    await Promise.resolve();
    const second = expect(turns.take(() => seen.push('second'))).rejects.toThrow('been closed');
    await turns.close().then(() => seen.push('closed'));
    await first;
    await second;
    expect(seen).toEqual(['first ends', 'closed']);
    await expect(turns.take(() => {})).rejects.toThrow('engine: must be open');
  });
});
