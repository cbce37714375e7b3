// Every term of src/methods on the GPU, in f32: its value against the same text in float64, and its
// derivatives against its own differences. A method that is added to the folder is tested here.
import { describe, expect, test } from 'vitest';
import { defaultsOf, type Param, type Values } from '../../src/core/param.ts';
import { createKernel, type Kernel } from '../../src/gpu/kernel.ts';
import { storage, uniform } from '../../src/gpu/launch.ts';
import { readBuffer } from '../../src/gpu/readback.ts';
import { type Composed, composeMethods, SUPERVISED } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import { isTerm, type TermMethod } from '../../src/methods/method.ts';
import { sources } from '../../src/model/sources.ts';
import { expectClose } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';
import { type Term, type Token, termFunction, VOCABULARY } from '../helpers/term.ts';

/**
 * Settings whose derivative is on purpose not that of the value (straight-through estimators).
 * Their numbers have tests of their own in test/methods.
 */
const STRAIGHT_THROUGH = [{ 'kl_penalty.estimator': 3 }];

/** What the text of row functionals refers to; nothing here calls it. */
const NO_LOGITS = `
  struct Batch { inverse_temperature: f32 }
  var<private> batch: Batch;
  var<private> logits: array<f32, V>;`;

const TERMS = [SUPERVISED, ...METHODS.values()].filter(isTerm);

/** Log-ratios out to e^5 = 148, where every clip of the settings' ranges has acted. */
const LOG_RATIOS = [-5, -2.3, -1, -0.3, -0.1, -0.01, 0, 0.01, 0.1, 0.3, 1, 1.5, 2.6, 5];
let place = 0;
const GRID: Token[] = LOG_RATIOS.flatMap((log_ratio) =>
  [-0.01, -0.7, -3].flatMap((logp) =>
    [-3, -1, -0.1, 0, 0.1, 1, 3].flatMap((log_ratio_ref) =>
      [0.02, 1.3].flatMap((entropy) =>
        [-2, -0.4, 0, 0.4, 2].map((advantage) => {
          const [old_logp, ref_logp] = [logp - log_ratio, logp - log_ratio_ref].map(Math.fround);
          const rounded = [logp, entropy, advantage].map(Math.fround);
          return {
            logp: rounded[0],
            old_logp,
            ref_logp,
            entropy: rounded[1],
            advantage: rounded[2],
            // Of methods that have constants: marks, shares and shifts of a log-probability.
            constant: [1, 0, -0.75, 0.25][place++ % 4],
            // Of methods that have a row functional: any number that f32 holds.
            row: [0.5, 1.25, 0, 2][place % 4],
          };
        }),
      ),
    ),
  ),
);

/**
 * A difference of f32 losses errs by 2^-23 of their size over the step, and exp by (3 + 2·5) ulp
 * more: 13 · 2^-23 · 2^8 = 4e-4 of the loss; curvature within one step is h² = 1.5e-5 of it.
 */
const STEP = 2 ** -8;
const SLACK = 1e-3;

/** Every setting at `pick`, once for each option of each choice and switch. */
function settings(method: TermMethod, pick: (param: Param) => number): Values[] {
  return Object.entries(method.params).reduce<Values[]>(
    (all, [name, param]) => {
      const options =
        param.kind === 'number'
          ? [pick(param)]
          : param.kind === 'switch'
            ? [0, 1]
            : param.options.keys();
      return [...options].flatMap((value) =>
        all.map((values) => ({ ...values, [`${method.id}.${name}`]: value })),
      );
    },
    [stateOf(method)],
  );
}

/** Values that the method steers itself: anything that is not 0. */
const stateOf = (method: TermMethod): Values =>
  Object.fromEntries(Object.keys(method.state ?? {}).map((name) => [`${method.id}.${name}`, 0.7]));

const upperEnd = (param: Param) => (param.kind === 'number' ? param.max : param.default);

async function termKernel(method: TermMethod): Promise<{ kernel: Kernel; composed: Composed }> {
  const composed = composeMethods(method.stage === 'objective' ? [method] : [SUPERVISED, method]);
  const text = `
    struct Row {
      logp: f32, old_logp: f32, ref_logp: f32, entropy: f32, advantage: f32,
      held_ratio: f32, // 0: the ratio follows from the log-probabilities
      constant: f32, row: f32,
    }
    struct Result { term: Term, d_row: f32 }
    @group(0) @binding(0) var<uniform> params: Params;
    @group(0) @binding(1) var<storage, read> rows: array<Row>;
    @group(0) @binding(2) var<storage, read_write> terms: array<Result>;
    ${method.row ? NO_LOGITS : ''}
    @compute @workgroup_size(64) fn evaluate(@builtin(global_invocation_id) id: vec3u) {
      if (id.x >= arrayLength(&terms)) { return; }
      let t = rows[id.x];
      let free = exp(clamp(t.logp - t.old_logp, -20.0, 20.0));
      let ratio = select(t.held_ratio, free, t.held_ratio == 0.0);
      let token = Token(t.logp, t.old_logp, t.ref_logp, ratio, t.entropy, t.advantage);
      let result = ${method.id}(token${method.constants ? ', t.constant' : ''}${method.row ? ', t.row' : ''});
      terms[id.x] = ${method.row ? 'Result(result.term, result.d_row)' : 'Result(result, 0.0)'};
    }`;
  const kernel = await createKernel(device, {
    entry: 'evaluate',
    label: method.id,
    constants: { V: VOCABULARY },
    sources: [
      ...sources('lib/token', ...(method.row ? (['lib/choice'] as const) : [])),
      { name: `src/methods/${method.id}.ts`, text: composed.wgsl },
      { name: 'evaluate', text },
    ],
  });
  return { kernel, composed };
}

async function evaluate(
  { kernel, composed }: Awaited<ReturnType<typeof termKernel>>,
  tokens: readonly Token[],
  values: Values,
): Promise<Term[]> {
  const params = uniform(device, 'params', 4 * Math.max(1, composed.fields.length));
  const rows = storage(device, 'rows', 32 * tokens.length);
  const terms = storage(device, 'terms', 20 * tokens.length);
  device.queue.writeBuffer(
    params,
    0,
    Float32Array.from(composed.fields, (field) => values[field]),
  );
  const flat = tokens.flatMap((t) => [
    ...[t.logp, t.old_logp, t.ref_logp, t.entropy, t.advantage],
    ...[t.ratio ?? 0, t.constant ?? 0, t.row ?? 0],
  ]);
  device.queue.writeBuffer(rows, 0, Float32Array.from(flat));
  const buffers = { params, rows, terms };
  const used = kernel.bindings.map((b) => [b.name, buffers[b.name as keyof typeof buffers]]);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(kernel.pipeline);
  pass.setBindGroup(0, kernel.bind(Object.fromEntries(used)));
  pass.dispatchWorkgroups(Math.ceil(tokens.length / 64));
  pass.end();
  device.queue.submit([encoder.finish()]);
  const result = new Float32Array(await readBuffer(device, terms));
  for (const buffer of Object.values(buffers)) buffer.destroy();
  return tokens.map((_, i) => {
    const [loss, d_logp, d_entropy, bound, d_row] = result.subarray(5 * i, 5 * i + 5);
    return { loss, d_logp, d_entropy, bound, d_row };
  });
}

/** As f32 holds it, so that the difference of two tokens is the step that was taken. */
const moved = (grid: readonly Token[], key: 'logp' | 'entropy' | 'row', by: number): Token[] =>
  grid.map((t) => ({ ...t, [key]: Math.fround((t[key] ?? 0) + by) }));

/** Where the source stops the gradient of the ratio, it stays as it is while logp moves. */
const gridOf = (term: TermMethod): readonly Token[] =>
  term.holds_ratio
    ? GRID.map((t) => ({ ...t, ratio: Math.fround(Math.exp(t.logp - t.old_logp)) }))
    : GRID;

test('there are terms to test', () => {
  expect(TERMS.filter((t) => t.stage === 'objective').length).toBeGreaterThan(1);
  expect(TERMS.filter((t) => t.stage === 'regularizer').length).toBeGreaterThan(0);
});

describe.each(TERMS.map((term) => [term.id, term] as const))('%s', (id, term) => {
  const kernel = termKernel(term);
  const all = [
    ...settings(term, upperEnd),
    { ...settings(term, (p) => p.default)[0], ...defaultsOf(id, term.params) },
  ];

  test('f32 follows float64', async () => {
    for (const values of all) {
      const exact = GRID.map(termFunction(term, rounded(values)));
      const actual = await evaluate(await kernel, GRID, values);
      const label = JSON.stringify(values);
      const column = (terms: Term[], key: keyof Term) => terms.map((t) => t[key] ?? 0);
      // exp errs by up to 13 ulp of a ratio as large as 148, and differences of it cancel: 2e-6 of
      // the largest.
      const size = Math.max(1, ...column(exact, 'loss').map(Math.abs));
      for (const key of ['loss', 'd_logp', 'd_entropy', 'd_row'] as const) {
        expectClose(column(actual, key), column(exact, key), {
          ...{ rtol: 1e-5, atol: 2e-6 * Math.min(size, 20) },
          ...{ label: `${key} at ${label}`, allowZero: true },
        });
      }
      const bounds = column(actual, 'bound');
      expect(bounds.every((x) => x === 0 || x === 1)).toBe(true);
      // Where a ratio stands exactly at its clip, f32 may fall to either side.
      const differ = bounds.filter((x, i) => x !== exact[i].bound).length;
      expect(differ, `bound at ${label}`).toBe(0);
    }
  });

  test('its derivatives lie between its differences to both sides', async () => {
    const grid = gridOf(term);
    let checked = 0;
    for (const values of all) {
      const through = STRAIGHT_THROUGH.some((s) =>
        Object.entries(s).every(([key, value]) => values[key] === value),
      );
      if (through) continue;
      const at = await evaluate(await kernel, grid, values);
      for (const key of ['logp', 'entropy', 'row'] as const) {
        const [above, below] = [moved(grid, key, STEP), moved(grid, key, -STEP)];
        const right = await evaluate(await kernel, above, values);
        const left = await evaluate(await kernel, below, values);
        grid.forEach((token, i) => {
          const [high, middle, low] = [above[i], token, below[i]].map((t) => t[key] as number);
          const up = (right[i].loss - at[i].loss) / (high - middle);
          const down = (at[i].loss - left[i].loss) / (middle - low);
          const claimed = at[i][`d_${key}`] as number;
          const size = 1 + Math.abs(at[i].loss) + Math.abs(up) + Math.abs(down);
          const where = `d_${key} ${JSON.stringify({ ...values, ...token, up, down })}`;
          const inside =
            claimed >= Math.min(up, down) - SLACK * size &&
            claimed <= Math.max(up, down) + SLACK * size;
          if (!inside) expect.fail(`${where}: claims ${claimed}`);
          checked++;
        });
      }
    }
    expect(checked).toBeGreaterThanOrEqual(2 * GRID.length);
  });

  const { alpha } = term.params;
  if (term.stage === 'regularizer' && alpha?.kind === 'number' && alpha.min === 0) {
    test('does nothing where alpha is 0', async () => {
      const values = { ...defaultsOf(id, term.params), ...stateOf(term), [`${id}.alpha`]: 0 };
      for (const term of await evaluate(await kernel, GRID, values)) {
        // Minus zero is zero, too.
        expect(Object.values(term).every((x) => x === 0)).toBe(true);
      }
    });
  }
});

/** Settings as the uniform holds them. */
function rounded(values: Values): Values {
  return Object.fromEntries(Object.entries(values).map(([key, x]) => [key, Math.fround(x)]));
}
