// Times by a clock that rounds, as browsers' clocks do.
import { expect, it } from 'vitest';
import { measureCeiling } from '../../src/gpu/ceiling.ts';
import { compare, type Recorder, type Stopwatch } from '../../src/gpu/timing.ts';
import { device } from '../helpers/dawn.ts';

/** ms between two stamps rounded down to 100 µs, the first at any time; a pass shorter than that may have none. */
function roundingClock() {
  let [now, turn] = [0, 0];
  return (ms: number): number => {
    const from = now + ((turn++ * 0.618034) % 1) * 0.1;
    now = from + ms;
    const between = 0.1 * (Math.floor(10 * now) - Math.floor(10 * from));
    return between > 0 ? between : Number.NaN;
  };
}

it.each([
  ['far too short to be told alone', [0.012, 0.01]],
  ['about as long as the clock rounds', [0.19, 0.15]],
  ['long', [7, 5]],
  ['longer than there is time for', [70, 50]],
])('works that are %s are told apart by less than a tenth', async (_, each) => {
  const clock = roundingClock();
  let passes = 0;
  const found = await compare(
    each.length,
    async (times) => {
      passes++;
      return times.map((n, i) => clock(n * (each[i] as number)));
    },
    { rounds: 5, ms: 40 },
  );
  found.forEach((ms, i) => {
    expect(Math.abs(ms / (each[i] as number) - 1)).toBeLessThan(0.08);
  });
  expect(passes).toBeLessThanOrEqual(10);
});

it('what no pass can tell from nothing has no time, and comes to an end', async () => {
  const none = async (times: readonly number[]) => times.map(() => Number.NaN);
  expect(await compare(2, none, { rounds: 5, ms: 40 })).toEqual([Infinity, Infinity]);
});

it('a ceiling is not raised by what the clock takes away', async () => {
  const clock = roundingClock();
  /** ms of a dispatch: of 1 along y, a copy of 64 MiB at 353 GB/s, or 1024 workgroups of multiply-adds. */
  const once = 0.19;
  const stopwatch: Stopwatch = {
    how: 'timestamps',
    time: async (passes: readonly Recorder[]) =>
      passes.map((work) => {
        let ms = 0;
        work({
          setPipeline() {},
          setBindGroup() {},
          dispatchWorkgroups: (_x: number, y = 1) => {
            ms += once * y;
          },
        } as unknown as GPUComputePassEncoder);
        return clock(ms);
      }),
  };
  const { gbps, gflops } = await measureCeiling(device, stopwatch);
  expect(gbps / (2 ** 26 / (once * 1e6))).toBeCloseTo(1, 1);
  expect(gflops / ((2 * 4 * 3 * 64 * 64 * 1024) / (once * 1e6))).toBeCloseTo(1, 1);
});
