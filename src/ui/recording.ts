/** The run of the default preset that stands beside the page, for machines that cannot compute their own. */
import { parseExperiment } from '../core/parse.ts';
import { curvesFromCsv } from './csv.ts';
import { CATALOG } from './declared.ts';
import type { Recording } from './store.ts';

/** @throws {Error} the files are not there, or are not what they should be */
export async function loadShippedRecording(base: string): Promise<Recording> {
  const folder = `${base}recordings/naive-vs-ib/`;
  const [json, text] = await Promise.all([
    load(`${folder}experiment.json`).then((response) => response.json()),
    load(`${folder}curves.csv`).then((response) => response.text()),
  ]);
  const { experiment } = parseExperiment(json, CATALOG);
  const history = curvesFromCsv(
    text,
    experiment.arms.map((arm) => arm.id),
  );
  const seeds = `${experiment.seeds.length} seeds`;
  const steps = `${experiment.values['trainer.steps']} steps`;
  const source = `a run that the makers of this page measured with its engine (${seeds}, ${steps})`;
  return { source, experiment, history };
}

async function load(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: must be there, got ${response.status}`);
  return response;
}
