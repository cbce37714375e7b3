/** Runs out of and into the page: the one-file bundle, and the weights of a run as a folder in a zip. */
import { type Bundle, type BundleCurve, formatBundle, parseBundle } from '../../core/bundle.ts';
import { type RunId, runKey } from '../../core/experiment.ts';
import { METRICS } from '../../metrics/index.ts';
import type { Checkpoint } from '../../worker/protocol.ts';
import { CATALOG, findTask } from '../declared.ts';
import { download } from '../files.ts';
import { History } from '../history.ts';
import type { CurveBlock, KeptRun } from '../storage/record.ts';
import { blockOf, METRIC_IDS } from '../storage/rows.ts';
import { thumbnailOf } from '../storage/thumbnail.ts';
import { NO_DETAILS, type Session } from '../store.ts';
import { keptDetails } from './details.ts';

/** Characters that a bundle may have: browsers end at about twice this for one text. */
const MAX_CHARACTERS = 250e6;

/** Every curve of a history by metric, without those that were never measured. */
export function curvesOf(history: History): BundleCurve[] {
  return history.runs().map((run) => ({
    ...{ arm: run.arm, seed: run.seed },
    metrics: Object.fromEntries(
      METRIC_IDS.flatMap((id, metric) => {
        const values = run.columns[metric].slice(0, run.length);
        return values.some(Number.isFinite) ? [[id, values]] : [];
      }),
    ),
  }));
}

/** Metrics that this page does not know are passed over. */
function historyFrom(curves: readonly BundleCurve[]): History {
  const history = new History();
  for (const { arm, seed, metrics } of curves) {
    const rows = Math.max(0, ...Object.values(metrics).map((values) => values.length));
    const values = new Float32Array(rows * METRICS.length).fill(Number.NaN);
    METRIC_IDS.forEach((id, metric) => {
      const column = Object.hasOwn(metrics, id) ? metrics[id] : undefined;
      column?.forEach((value, row) => {
        values[row * METRICS.length + metric] = value;
      });
    });
    history.append({ arm, seed }, 0, values);
  }
  history.flush();
  return history;
}

/** What stands on the page now as a bundle: the recording if one is open, else the engine's runs. */
export function bundleOfPage(
  session: Session,
  live: History,
  kept: KeptRun | undefined,
  checkpoint?: Checkpoint,
): Bundle {
  const { recording, opened, draft } = session;
  if (recording) {
    const { experiment, history, details = NO_DETAILS } = recording;
    const curves = curvesOf(history);
    return {
      ...{ name: experiment.name, label: '', forks: [], experiment, curves },
      ...keptDetails(details),
    };
  }
  const experiment = opened ?? draft;
  // What is being opened, or could not be, stands beside the curves of the runs before it: those that are its own go along.
  const keys = experiment.arms.flatMap((arm) =>
    experiment.seeds.map((seed) => runKey({ arm: arm.id, seed })),
  );
  const isOwn = (run: RunId) => keys.includes(runKey(run));
  const { responses, difficulty, probes } = keptDetails(session);
  return {
    name: kept?.name ?? experiment.name,
    label: kept?.label ?? '',
    experiment,
    forks: kept?.forks ?? [],
    ...(kept?.madeBy && { madeBy: kept.madeBy }),
    curves: curvesOf(live).filter(isOwn),
    responses: responses.filter(isOwn),
    difficulty: difficulty.filter(({ last }) => isOwn(last)),
    probes: probes.filter(isOwn),
    checkpoint,
  };
}

/** @throws {RangeError} the file would be larger than a browser can read again */
export function saveBundle(bundle: Bundle): void {
  const states = bundle.checkpoint?.runs.length ?? 0;
  const floats =
    (bundle.checkpoint?.base.length ?? 0) * (3 * states + 1) +
    bundle.probes.flatMap(({ samples }) => samples).reduce((n, s) => n + s.probabilities.length, 0);
  if (floats * 5.4 > MAX_CHARACTERS) {
    throw new RangeError(
      `bundle: the states must have at most ${MAX_CHARACTERS / 1e6} MB, got ${Math.round((floats * 5.4) / 1e6)} MB; save it without them`,
    );
  }
  const text = formatBundle(bundle, CATALOG);
  download(`${fileName(bundle.name)}.entroscope.json`, 'application/json', text);
}

/** The files in one folder in a zip; the large one is stored as it is, for it hardly shrinks. */
export async function saveWeights(
  name: string,
  { arm, seed }: RunId,
  step: number,
  files: readonly { name: string; bytes: ArrayBuffer }[],
): Promise<void> {
  const { zipSync } = await import('fflate');
  const folder = `${fileName(name)}-${arm}-seed-${seed}-step-${step}`;
  const entries = files.map((file) => {
    const level = file.name.endsWith('.safetensors') ? 0 : 6;
    return [`${folder}/${file.name}`, [new Uint8Array(file.bytes), { level }]] as const;
  });
  const zip = zipSync(Object.fromEntries(entries) as Parameters<typeof zipSync>[0]);
  download(`${folder}.zip`, 'application/zip', zip as Uint8Array<ArrayBuffer>);
}

function fileName(name: string): string {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return plain.replace(/^-+|-+$/g, '').slice(0, 60) || 'experiment';
}

/** A bundle as a kept run, ready to be written down. @throws {RangeError} as `parseBundle` */
export function readBundle(json: unknown): {
  bundle: Bundle;
  run: Omit<KeptRun, 'id' | 'name'>;
  history: History;
  blocks: CurveBlock[];
  notices: string[];
} {
  const size = (task: string) => findTask(task)?.vocabulary.length ?? 0;
  const { bundle, notices } = parseBundle(json, CATALOG, size);
  const { label, experiment, forks, madeBy } = bundle;
  const history = historyFrom(bundle.curves);
  const now = Date.now();
  const run = {
    ...(madeBy && { madeBy }),
    ...{ label, experiment, forks, presetId: '', created: now, updated: now },
    ...{ isPinned: false, isSetAside: true, isRemoved: false, failed: [] },
    step: history.completeStep(bundle.curves),
    thumbnail: thumbnailOf(history, experiment),
  };
  const blocks = history.runs().map((curve) => blockOf(curve));
  return { bundle, run, history, blocks, notices };
}
