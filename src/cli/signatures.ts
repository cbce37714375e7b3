/**
 * `npm run signatures -- [--only id,id] [--seeds 0,1,2] [--steps N] [--prompts 16]`: runs methods beside their plain
 * counterpart on the same prompts, and prints a Markdown table of what each should do and what was seen.
 */
import { parseArgs } from 'node:util';
import { MAX_ARMS } from '../core/experiment_file.ts';
import { needsHints } from '../core/hints.ts';
import { parseExperiment } from '../core/parse.ts';
import { mean } from '../core/statistics.ts';
import { sampleSd, tQuantile } from '../core/stats.ts';
import { openDevice } from '../gpu/device.ts';
import { METHODS } from '../methods/index.ts';
import { RECIPES } from '../methods/recipes/index.ts';
import { METRICS } from '../metrics/index.ts';
import { CATALOG } from '../train/catalog.ts';
import { Session } from '../train/session.ts';
import type { MeasuredRow } from '../train/summary.ts';
import { openDawn } from './dawn.ts';
import { shippedBase } from './files.ts';
import { commitOf, someOf, wholeNumber, wholeNumbers } from './options.ts';
import { SIGNATURES, type Signature } from './signature_list.ts';

export async function main(args: string[]): Promise<number> {
  const { values: options } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      seeds: { type: 'string', default: '0,1,2' },
      steps: { type: 'string' },
      prompts: { type: 'string', default: '16' },
    },
  });
  const known = new Set(SIGNATURES.map(({ id }) => id));
  const only = options.only === undefined ? undefined : someOf('only', options.only, known);
  if (only?.length === 0)
    throw new RangeError(`--only: must be some of ${[...known].join(', ')}, got nothing`);
  const seeds = wholeNumbers('seeds', options.seeds, 0);
  const asked = options.steps === undefined ? undefined : wholeNumber('steps', options.steps, 1);
  const prompts = wholeNumber('prompts', options.prompts, 1);
  const commit = commitOf();
  let stopped = 0;
  console.log('| method | expected | seen | seeds | steps | commit |\n|---|---|---|---|---|---|');
  const wanted = SIGNATURES.filter(({ id }) => !only || only.includes(id));
  for (const group of groupsOf(wanted, asked)) {
    const steps = asked ?? (group[0] as Signature).steps;
    const { rows, failed } = await run(experimentOf(group, { seeds, steps, prompts }));
    stopped += failed;
    group.forEach((signature, i) => {
      const seen = describe(signature, rows, armOf(i), seeds, steps);
      const { id, expected, metric, sign, settings } = signature;
      const own = settings ? ` (${JSON.stringify(settings).replace(/[{}"]/g, '')})` : '';
      console.log(
        `| ${id}${own} | ${expected}: ${metric} ${sign} | ${seen} | ${seeds.length} | ${steps} | ${commit} |`,
      );
    });
  }
  return stopped > 0 ? 1 : 0;
}

/** Most methods beside one plain arm. */
const MOST = MAX_ARMS - 1;

const armOf = (i: number): string => `own_${i}`;

/** Those that share a plain counterpart run beside one. */
function groupsOf(signatures: readonly Signature[], steps?: number): Signature[][] {
  const groups = new Map<string, Signature[]>();
  for (const signature of signatures) {
    const { algorithm, minibatches } = signature;
    const key = JSON.stringify([
      ...[algorithm, minibatches, steps ?? signature.steps, onHints(signature)],
    ]);
    groups.set(key, [...(groups.get(key) ?? []), signature]);
  }
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / MOST) }, (_, i) =>
      group.slice(i * MOST, (i + 1) * MOST),
    ),
  );
}

/** Whether it starts from the base that knows hints. */
const onHints = ({ id }: Signature): boolean => needsHints(METHODS.get(id) ?? {});

interface Size {
  seeds: number[];
  steps: number;
  prompts: number;
}

/** A method joins what the plain arm has; an algorithm by name replaces it. */
function experimentOf(group: readonly Signature[], { seeds, steps, prompts }: Size): object {
  const { algorithm, minibatches = 1 } = group[0] as Signature;
  const arms = group.map(({ id, settings = {} }, i) => ({
    id: armOf(i),
    ...(RECIPES.has(id) ? { algorithm: id } : { methods: [id] }),
    settings,
  }));
  return {
    ...(algorithm && { algorithm }),
    settings: {
      'trainer.steps': steps,
      'trainer.prompts': prompts,
      'trainer.minibatches': minibatches,
      'trainer.eval_every': steps,
      'trainer.eval_prompts': 4,
      'chain_sum.hints': onHints(group[0] as Signature),
    },
    arms: [{ id: 'plain' }, ...arms],
    seeds,
  };
}

/** @returns the rows of all runs, and how many of them stopped before their end */
async function run(file: object): Promise<{ rows: MeasuredRow[]; failed: number }> {
  const { experiment } = parseExperiment(file, CATALOG);
  const rows: MeasuredRow[] = [];
  let failed = 0;
  const opened = await openDevice(await openDawn());
  const session = await Session.open(
    opened,
    {
      experiment,
      loadBase: shippedBase,
    },
    {
      ...{ progress: () => {}, byDifficulty: () => {}, responses: () => {} },
      row: (id, step, values) => rows.push({ ...id, step, values }),
      runFailed({ arm, seed }, step, message) {
        failed++;
        console.error(`${arm}/${seed} stopped at step ${step}: ${message}`);
      },
    },
  );
  await session.run();
  session.destroy();
  return { rows, failed };
}

/** The paired difference over seeds with its 95 % t-interval, and whether that is what was expected. */
function describe(
  { metric, sign }: Signature,
  rows: MeasuredRow[],
  own: string,
  seeds: number[],
  steps: number,
) {
  const column = METRICS.findIndex(({ id }) => id === metric);
  if (column < 0) throw new RangeError(`signature: metric must exist, got ${metric}`);
  const end = (arm: string, seed: number) => {
    const late = rows.filter((r) => r.arm === arm && r.seed === seed && r.step > 0.8 * steps);
    return mean(late.map((r) => r.values[column] as number).filter(Number.isFinite));
  };
  const differences = seeds.map((seed) => end(own, seed) - end('plain', seed));
  const n = differences.length;
  const center = mean(differences);
  if (n < 2) return `${signed(center)} (one seed: nothing to say about chance)`;
  const half = (tQuantile(0.975, n - 1) * sampleSd(differences)) / Math.sqrt(n);
  const isClear = Math.abs(center) > half;
  const isAsSaid = sign === '0' ? !isClear : isClear && (sign === '+') === center > 0;
  const words = isAsSaid
    ? sign === '0'
      ? 'not distinguishable from 0'
      : 'as expected'
    : isClear
      ? 'not as expected'
      : 'not yet distinguishable';
  return `${signed(center)} ± ${half.toPrecision(2)}: ${words}`;
}

const signed = (x: number): string => `${x < 0 ? '−' : '+'}${Math.abs(x).toPrecision(2)}`;
