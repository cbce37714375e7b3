/** `npm run train`: the page's engine without a page. */
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runsOf } from '../core/experiment.ts';
import { noticeLine, noticesOf } from '../core/notices.ts';
import { DEFAULT_METHODS, formatExperiment, parseExperiment } from '../core/parse.ts';
import { AGGREGATE_KEY } from '../core/recipe.ts';
import { TILE_WORDS } from '../core/tile_choice.ts';
import { openDevice } from '../gpu/device.ts';
import { RECIPES } from '../methods/recipes/index.ts';
import { csvHeader, csvRow } from '../metrics/columns.ts';
import { METRICS } from '../metrics/index.ts';
import { TASKS } from '../tasks/index.ts';
import type { Task } from '../tasks/task.ts';
import { answerOf } from '../train/answers.ts';
import { CATALOG } from '../train/catalog.ts';
import { Session } from '../train/session.ts';
import { type MeasuredRow, summarize } from '../train/summary.ts';
import { openDawn } from './dawn.ts';
import { checkWritable, readJson, shippedBase } from './files.ts';
import { gainsFile } from './gains_file.ts';
import { oneOf, someOf, wholeNumbers } from './options.ts';
import { settle } from './tiles.ts';
import { watchDevice } from './watch.ts';

const USAGE = 'Usage: npm run train -- EXPERIMENT.json --out DIR [options]; --help lists them';

const HELP = `Usage: npm run train -- EXPERIMENT.json --out DIR [options]

Trains an experiment without a browser. In DIR stand afterwards, also where Ctrl-C stops it,
  curves.csv        metrics of every step of every run, written as it goes
  gains.csv         which tokens tell about the answer, where that was asked for: mean nats a token, by evaluation,
                    gain (entropy: off the answer's entropy; logp: on the right answer's log-probability), and kind of
                    token or part of the reasoning, from its beginning to its end
  experiment.json   the experiment with all its settings
  summary.json      adapter, kernels, seconds, failures, and each metric's last value by arm

  --algorithm ID            instead of the file's methods
  --seeds 0,1,2             instead of the file's
  --steps N                 the same as --set trainer.steps=N
  --set NAME=VALUE          a setting of the experiment; may be given several times
  --measure ID,ID           metrics that cost passes of their own; on the page: those that are charted
  --gains                   which tokens tell; on the page: while that tint is chosen. Always with trainer.information
  --tile alone|quad|staged  how kernels load, instead of what is faster on the adapter
  --rollout loop|mega|timed how responses are sampled: kernel by kernel, many tokens a dispatch, or what is faster
  --help                    this text`;

/** Exit code of what a shell's user has stopped. */
const STOPPED = 130;

export async function main(args: string[]): Promise<number> {
  const { values: options, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      algorithm: { type: 'string' },
      seeds: { type: 'string' },
      steps: { type: 'string' },
      set: { type: 'string', multiple: true, default: [] },
      measure: { type: 'string', default: '' },
      gains: { type: 'boolean', default: false },
      tile: { type: 'string' },
      rollout: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const [file] = positionals;
  if (!file || positionals.length > 1 || !options.out) {
    console.error(USAGE);
    return 2;
  }
  const { experiment, notices } = parseExperiment(readFileWith(file, options), CATALOG);
  for (const notice of notices) console.warn(notice);
  for (const notice of noticesOf(experiment, CATALOG)) console.warn(noticeLine(notice));
  // Refused where no answer can be read.
  if (options.gains) answerOf(TASKS.get(experiment.task) as Task);
  const ids = METRICS.map(({ id }) => id);
  const asked = someOf('measure', options.measure, ids);
  const rollout =
    options.rollout === undefined
      ? undefined
      : oneOf('rollout', options.rollout, ['loop', 'mega', 'timed'] as const);
  const out = options.out;
  const curves = path.join(out, 'curves.csv');
  if (existsSync(curves)) throw new RangeError(`--out: must not hold a run already, got ${curves}`);
  checkWritable('out', out);

  const opened = await openDevice(await openDawn());
  const { tile, how, times } = await settle(opened.device, options.tile);
  const measured = Object.entries(times ?? {}).map(([id, ms]) => `, ${id} ${ms.toFixed(1)} ms`);
  const { loads } = TILE_WORDS[tile];
  console.log(`kernels: ${tile}, with ${loads} loads (${how}${measured.join('')})`);
  const rows: MeasuredRow[] = [];
  const failures: string[] = [];
  const total = runsOf(experiment).length * (experiment.values['trainer.steps'] as number);
  let started = 0;
  let done = 0;
  let lastLine = 0;
  const session = await Session.open(
    opened,
    {
      experiment,
      ...(rollout && { rollout }),
      loadBase: shippedBase,
    },
    {
      progress: (phase, at, of, note) => {
        if (at === of || phase.startsWith('training'))
          console.log(`${phase} ${at}/${of}${note ? `  ${note}` : ''}`);
      },
      row: (run, step, values) => {
        appendFileSync(curves, `${csvRow(experiment.task, run, step, values)}\n`);
        rows.push({ ...run, step, values });
        if (step === 0) return;
        done++;
        const now = performance.now();
        if (now - lastLine < 5000 && done < total) return;
        lastLine = now;
        const left = Math.round(((now - started) / 1000 / done) * (total - done));
        console.log(
          `${done}/${total} steps  ${run.arm}/${run.seed} step ${step}  about ${left} s left`,
        );
      },
      byDifficulty: () => {},
      responses: () => {},
      gains: gainsFile(path.join(out, 'gains.csv')),
      runFailed: (run, step, message) => {
        failures.push(`${run.arm}/${run.seed} stopped at step ${step}: ${message}`);
        console.error(failures.at(-1));
      },
    },
  );
  watchDevice(opened.device, (reason) => {
    failures.push(reason);
    console.error(reason);
    session.pause();
  });
  const { decoding, notes } = session.engine;
  for (const note of notes) console.warn(note);
  if (rollout || decoding.variant !== 'loop')
    console.log(`sampling by ${decoding.variant}`, decoding.note ?? '');
  // What is refused leaves nothing behind.
  mkdirSync(out, { recursive: true });
  writeFileSync(
    path.join(out, 'experiment.json'),
    `${JSON.stringify(formatExperiment(experiment, CATALOG), null, 2)}\n`,
  );
  writeFileSync(curves, `${csvHeader(experiment.task)}\n`);
  for (const { arm, key, value, ...found } of session.strengths) {
    console.log(
      `${arm}: ${key} = ${value.toPrecision(4)} (${found.fraction} of the policy gradient: norm ${found.policy_norm.toPrecision(3)} ± ${found.policy_sd.toPrecision(2)}; at coefficient 1 ${found.unit_norm.toPrecision(3)} ± ${found.unit_sd.toPrecision(2)}; cosine ${found.cosine.toFixed(3)}; ${found.batches} batches)`,
    );
  }
  session.setAsked(asked);
  session.setGainsAsked(options.gains);
  started = performance.now();
  let isStopped = false as boolean;
  process.once('SIGINT', () => {
    isStopped = true;
    console.error('stopping after this step; Ctrl-C again: at once');
    session.pause();
  });
  await session.run();
  const adapter = `${opened.vendor} ${opened.architecture}`.trim();
  const summary = {
    ...{ adapter, tile: session.engine.workspace.sizes.tile, rollout: decoding },
    seconds: Math.round((performance.now() - started) / 1000),
    failures,
    ...(isStopped && { stopped_after: `${done} of ${total} steps` }),
    strengths: session.strengths,
    arms: summarize(rows),
  };
  writeFileSync(path.join(out, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  session.destroy();
  if (isStopped) return STOPPED;
  return failures.length > 0 ? 1 : 0;
}

const isRecord = (x: unknown): x is Record<string, unknown> =>
  typeof x === 'object' && x !== null && !Array.isArray(x);

/** The file's JSON with what the command line changes; of another shape as it is, which parsing refuses. */
function readFileWith(
  file: string,
  options: { algorithm?: string; seeds?: string; steps?: string; set: string[] },
): unknown {
  const json = readJson(file);
  if (!isRecord(json) || !isRecord(json.settings ?? {})) return json;
  const settings = { ...(json.settings as object | undefined) } as Record<string, unknown>;
  const changed: Record<string, unknown> = { ...json, settings };
  if (options.algorithm !== undefined) {
    // Its methods and their settings instead of the file's.
    const { methods = RECIPES.get(String(json.algorithm))?.methods ?? DEFAULT_METHODS } = json;
    for (const id of Array.isArray(methods) ? methods : []) {
      for (const key of Object.keys(settings)) if (key.startsWith(`${id}.`)) delete settings[key];
    }
    delete settings[AGGREGATE_KEY];
    delete changed.methods;
    changed.algorithm = options.algorithm;
  }
  if (options.steps !== undefined) settings['trainer.steps'] = options.steps;
  for (const assignment of options.set) {
    const at = assignment.indexOf('=');
    if (at < 1) throw new RangeError(`--set: must be name=value, got ${assignment}`);
    settings[assignment.slice(0, at)] = assignment.slice(at + 1);
  }
  if (options.seeds !== undefined) changed.seeds = wholeNumbers('seeds', options.seeds, 0);
  return changed;
}
