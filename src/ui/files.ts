/** Files in and out: an experiment as JSON, curves as CSV, a folder that the command line wrote. All is checked. */
import { isBundle } from '../core/bundle.ts';
import { parseExperiment } from '../core/parse.ts';
import { curvesFromCsv } from './csv.ts';
import { CATALOG, messageOf } from './declared.ts';
import { loadShippedRecording } from './recording.ts';
import { dismiss, notify, type Store } from './store.ts';

/** Larger files are none of ours. */
const MAX_BYTES = 64e6;
/** A bundle may hold the weights of several runs. */
const MAX_BUNDLE_BYTES = 256e6;
const BUNDLE_NAME = /\.entroscope(\s*\(\d+\))?\.json$/i;

/** Takes a bundle that was read. @throws {RangeError} what is wrong in it */
export type TakeBundle = (json: unknown) => void;

/**
 * Opens what was dropped or chosen: one experiment, or an experiment with its curves. On an error nothing changes
 * but a notice.
 */
export async function openFiles(
  store: Store,
  files: readonly File[],
  takeBundle?: TakeBundle,
): Promise<void> {
  for (const { id, kind } of store.getState().notices) if (kind === 'error') dismiss(store, id);
  try {
    // The command line may have written gains.csv beside them.
    const curves =
      files.find((file) => file.name === 'curves.csv') ??
      files.find((file) => /\.csv$/i.test(file.name) && file.name !== 'gains.csv');
    const json =
      files.find((file) => file.name === 'experiment.json') ??
      files.find((file) => file.name.endsWith('.json') && file.name !== 'summary.json');
    if (!json) {
      const names = files.map((file) => file.name).join(', ') || 'nothing';
      const wanted = curves
        ? 'curves.csv needs the experiment.json beside it: choose both files'
        : 'must be an experiment (.json), or curves.csv and experiment.json together';
      throw new RangeError(`${wanted}, got ${names}`);
    }
    const content = await readJson(json);
    if (takeBundle && isBundle(content)) return takeBundle(content);
    const { experiment, notices } = parseExperiment(content, CATALOG);
    if (curves) {
      const ids = experiment.arms.map((arm) => arm.id);
      const history = curvesFromCsv(await readText(curves), ids);
      const source = `${curves.name} and ${json.name}`;
      store.setState({ recording: { source, experiment, history }, hidden: new Set() });
    } else if (!store.getState().hasEngine) {
      throw new RangeError(`${json.name}: needs its curves.csv beside it, since nothing can run`);
    } else {
      store.setState({ draft: experiment, recording: undefined, proposal: 'declined' });
      notify(store, 'info', `Opened ${json.name}`, `“${experiment.name}” is on the controls now.`);
    }
    if (notices.length > 0) notify(store, 'info', `Parts of ${json.name}`, notices.join('; '));
  } catch (error) {
    notify(store, 'error', 'The file was not opened', messageOf(error));
  }
}

/** The recorded run of the default preset that ships with the page. */
export async function openShippedRecording(store: Store): Promise<void> {
  try {
    const recording = await loadShippedRecording(import.meta.env.BASE_URL);
    store.setState({ recording, hidden: new Set() });
  } catch (error) {
    notify(store, 'error', 'The recording was not opened', messageOf(error));
  }
}

async function readJson(file: File): Promise<unknown> {
  const text = await readText(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RangeError(`${file.name}: must be JSON, got an error (${messageOf(error)})`);
  }
}

function readText(file: File): Promise<string> {
  const most = BUNDLE_NAME.test(file.name) ? MAX_BUNDLE_BYTES : MAX_BYTES;
  if (file.size <= most) return file.text();
  throw new RangeError(`${file.name}: must be at most ${most / 1e6} MB, got ${file.size} bytes`);
}

export function download(name: string, type: string, content: BlobPart): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
