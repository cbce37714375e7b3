// The one-file bundle: what goes in comes out bit for bit, and what is wrong in a file is named.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { floatsFromText, floatsToText } from '../../src/core/base64.ts';
import { type Bundle, formatBundle, isBundle, parseBundle } from '../../src/core/bundle.ts';
import type { Experiment } from '../../src/core/experiment.ts';
import { TASKS } from '../../src/tasks/index.ts';
import { anExperiment } from './arbitrary.ts';
import { CATALOG } from './catalog.ts';

const size = (task: string) => TASKS.get(task)?.vocabulary.length ?? 0;
const parse = (json: unknown) => parseBundle(json, CATALOG, size).bundle;
const floats = (lo: number) =>
  fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: lo, maxLength: 40 });
const aCurve = fc
  .array(fc.oneof(fc.float({ noDefaultInfinity: true, noNaN: true }), fc.constant(Number.NaN)))
  // JSON has no −0, and no measurement needs it.
  .map((values) => Float32Array.from(values, (x) => x + 0));

/** A bundle of an experiment's first run. */
function bundleOf(experiment: Experiment, curve: Float32Array, state: number[]): Bundle {
  const run = { arm: experiment.arms[0].id, seed: experiment.seeds[0] };
  const array = Float32Array.from(state);
  const sample = { tokens: [1, 2], entropy: [0.5, 0.25], logp: [-1, -2], p_eos: [0, 1] };
  const evaluation = { ...run, step: 2, pairs: [[3, 0.5]] as [number, number][] };
  return {
    ...{ name: 'amber heron', label: 'as the preset', experiment },
    forks: experiment.arms.length > 1 ? [{ arm: run.arm, from: 'other', step: 4 }] : [],
    curves: [{ ...run, metrics: { entropy: curve } }],
    responses: [
      {
        ...run,
        ...{ step: 2, prompt: [0], answer: '7' },
        samples: [
          { ...sample, reward: 1, correct: true, reason: 'right', advantage: 0.5 },
          {
            ...{ ...sample, reward: 0, correct: false, reason: 'wrong', advantage: -0.5 },
            ...{ advantages: [-0.75, -0.25], constants: { 'x.weight': [1, 0.5] } },
            mixtures: [[0.5, 0.25, 0.25]],
          },
        ],
      },
    ],
    difficulty: [{ first: evaluation, last: evaluation }],
    probes: [
      {
        ...run,
        step: 2,
        samples: [
          {
            ...{ prompt: [0], answer: '7', context: [1], tokens: [1, 2], logp: [-1, -2] },
            ...{ entropy: [0.5, 0.25], p_eos: [0, 1], correct: true, reason: 'right' },
            mixtures: [[0.5, 0.5]],
            probabilities: new Float32Array(size(experiment.task)).fill(0.1),
          },
        ],
      },
    ],
    checkpoint: {
      experiment,
      runs: [{ ...run, step: 2, updates: 2, parameters: array, m: array, v: array }],
      base: array,
    },
  };
}

describe('bundle', () => {
  test('comes back as it was', () => {
    fc.assert(
      fc.property(anExperiment, aCurve, floats(0), (experiment, curve, state) => {
        const bundle = bundleOf(experiment, curve, state);
        const json = JSON.parse(formatBundle(bundle, CATALOG));
        expect(isBundle(json)).toBe(true);
        expect(parse(json)).toEqual(bundle);
      }),
      { numRuns: 60 },
    );
  });

  test('floats as text keep their bits', () => {
    fc.assert(
      fc.property(fc.float32Array({ maxLength: 200 }), (values) => {
        const back = floatsFromText('x', floatsToText(values));
        expect(new Uint8Array(back.buffer)).toEqual(new Uint8Array(values.slice().buffer));
      }),
    );
    expect(() => floatsFromText('x', '!')).toThrow('x: must be base64');
    expect(() => floatsFromText('x', 'AAA=')).toThrow('x: must be whole floats, got 2 bytes');
  });

  const good = () => {
    const [experiment] = fc.sample(anExperiment, { numRuns: 1, seed: 1 });
    return JSON.parse(formatBundle(bundleOf(experiment, new Float32Array(3), [1, 2]), CATALOG));
  };

  test.each<[string, (file: ReturnType<typeof good>) => void, RegExp]>([
    ['another format', (f) => (f.format = 'x'), /bundle\.format/],
    ['a version from later', (f) => (f.version = 2), /bundle\.version/],
    ['a curve that is text', (f) => (f.curves[0].metrics.entropy = 'x'), /bundle\.curves\.0/],
    ['a curve without a run', (f) => (f.curves[0].arm = 'zz'), /curves: must be of a run/],
    ['a token out of range', (f) => (f.responses[0].prompt = [999]), /tokens must be below/],
    [
      'a probe’s token out of range',
      (f) => (f.probes[0].samples[0].context = [999]),
      /probes: tok/,
    ],
    [
      'a distribution of another size',
      (f) => (f.probes[0].samples[0].probabilities = 'AAAAAA=='),
      /must have \d+ probabilities, got 1/,
    ],
    [
      'a response with more mixtures than tokens',
      (f) => f.responses[0].samples[1].mixtures.push([1], [1]),
      /responses\.0\.samples\.1: .*no more mixtures than tokens/,
    ],
    [
      'a response with fewer constants than tokens',
      (f) => (f.responses[0].samples[1].constants['x.weight'] = [1]),
      /for each token/,
    ],
    [
      'a probe with fewer log-probabilities than tokens',
      (f) => (f.probes[0].samples[0].logp = [-1]),
      /probes\.0\.samples\.0: one entropy/,
    ],
    [
      'an experiment of forks alone',
      (f) => (f.forks = f.experiment.arms.map(({ id }: { id: string }) => ({ arm: id, from: 'a', step: 1 }))), // biome-ignore format: one statement
      /must leave an arm that is no fork/,
    ],
    ['tokens without entropies', (f) => (f.responses[0].samples[0].entropy = []), /one entropy/],
    ['weights that are no numbers', (f) => (f.checkpoint.runs[0].m = '????'), /must be base64/],
    ['weights that are NaN', (f) => (f.checkpoint.base = 'AADAfw=='), /must be finite, got NaN/],
    ['an unknown task', (f) => (f.experiment.task = 'zz'), /task: must be one of/],
    ['a prototype', (f) => (f.experiment.settings = { 'constructor.name': 1 }), /names must begin/],
  ])('refuses %s', (_, change, message) => {
    const file = good();
    change(file);
    expect(() => parse(file)).toThrow(message);
  });

  test('what a batch decided is left out where it is no number, and the rest stays', () => {
    const file = good();
    file.responses[0].samples[1].constants['x.weight'] = [null, 1];
    const [, sample] = parse(file).responses[0].samples;
    expect(sample.constants).toBeUndefined();
    expect(sample.advantages).toEqual([-0.75, -0.25]);
  });

  test('any JSON is either a bundle or refused with a RangeError', () => {
    const file = good();
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(file)), (value, key) => {
        try {
          parse({ ...file, [key]: value });
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});
