/** Charts as files: SVG, PNG drawn from it, and the values as CSV. */
import type { MetricId } from '../../metrics/index.ts';
import { METRIC_INDEX } from '../../metrics/index.ts';
import { download } from '../files.ts';
import type { History } from '../history.ts';
import { runPositions } from './x_axis.ts';

/**
 * Values as measured, not smoothed, one line per run and step that has any of them:
 * `arm,seed,step,tokens,seconds,<metric>…`.
 */
export function chartCsv(
  history: History,
  metrics: readonly MetricId[],
  arms: readonly string[],
  batch: number,
): string {
  const lines = [['arm', 'seed', 'step', 'tokens', 'seconds', ...metrics].join(',')];
  const cell = (value: number) =>
    Number.isFinite(value) ? String(Number(value.toPrecision(8))) : '';
  const runs = history.runs();
  for (const run of runs.filter(({ arm }) => arms.includes(arm))) {
    const tokens = runPositions(run, { by: 'tokens', batch }, runs);
    const seconds = runPositions(run, { by: 'seconds', batch }, runs);
    for (let step = 0; step < run.length; step++) {
      const values = metrics.map((id) => run.columns[METRIC_INDEX[id]][step]);
      if (!values.some(Number.isFinite)) continue;
      const numbers = [tokens[step], seconds[step], ...values].map(cell);
      lines.push([run.arm, run.seed, step, ...numbers].join(','));
    }
  }
  return `${lines.join('\n')}\n`;
}

export function saveSvg(name: string, svg: string): void {
  download(`${name}.svg`, 'image/svg+xml', svg);
}

/** Twice as many pixels as the drawing has, for sharp slides. */
export async function savePng(name: string, svg: string): Promise<void> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = 2 * image.naturalWidth;
    canvas.height = 2 * image.naturalHeight;
    const context = canvas.getContext('2d');
    if (!context) throw new Error('picture: the browser gave no canvas');
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'));
    if (!blob) throw new Error('picture: the browser made no PNG of it');
    download(`${name}.png`, 'image/png', blob);
  } finally {
    URL.revokeObjectURL(url);
  }
}
