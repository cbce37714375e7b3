/**
 * `--profile`: where the time of a training step goes, kernel by kernel, against what this adapter can do at most: the
 * same measurement as in the page (src/model/profile.ts), on the bench's workload.
 */

import { oneOf } from '../../src/cli/options.ts';
import { MODEL_PRESETS, type ModelPresetId } from '../../src/core/model_config.ts';
import { type ProfileReport, rates, sumOf } from '../../src/core/profile.ts';
import { higher, measureCeiling } from '../../src/gpu/ceiling.ts';
import { openDevice } from '../../src/gpu/device.ts';
import { heldBytes } from '../../src/gpu/memory.ts';
import { createStopwatch } from '../../src/gpu/timing.ts';
import { packBatch } from '../../src/model/batch.ts';
import { fallbacksOf, profileStep } from '../../src/model/profile.ts';
import { forceTile, knowsQuads, type TileId } from '../../src/model/tiles.ts';
import { openOurs } from './ours.ts';
import { workload } from './workload.ts';

/** @throws {RangeError} unknown model, or a tile that the adapter has not */
export async function profile(gpu: GPU, model: string, tile?: TileId): Promise<ProfileReport> {
  const preset = oneOf('model', model, Object.keys(MODEL_PRESETS) as ModelPresetId[]);
  const opened = await openDevice(gpu);
  const { device, vendor, architecture, description, software } = opened;
  if (tile) await forceTile(device, tile);
  const w = workload({ model: preset, sequences: 32, tokens: 32 });
  const { engine, policy, loss, step } = await openOurs(opened, w);
  await step();
  const held = heldBytes(device);
  const batch = packBatch(
    w.sequences.map((s) => ({
      prompt: s.slice(0, 1),
      response: s.slice(1),
      weight: 1 / (w.shape.sequences * w.shape.tokens),
      advantage: 1,
      old_logp: Array(w.shape.tokens).fill(0),
    })),
  );
  const stopwatch = await createStopwatch(device);
  const before = await measureCeiling(device, stopwatch);
  const profiled = await profileStep(engine, { policy, loss }, batch, stopwatch);
  engine.destroy();
  return {
    adapter: `${vendor} ${architecture} ${description}`.trim(),
    ...{ software, model: preset, batch: { sequences: w.shape.sequences, rows: batch.N } },
    ...{
      how: stopwatch.how,
      fallbacks: fallbacksOf(device, await knowsQuads(device), [loss.note]),
    },
    ...profiled,
    ceiling: higher(before, await measureCeiling(device, stopwatch)),
    memory: { held },
  };
}

/** As a table for people. */
export function profileText(report: ProfileReport): string {
  const { kernels, ceiling, step_ms, batch } = report;
  const sum = sumOf(kernels);
  const figure = (x: number | undefined, digits: number): string =>
    x === undefined || !Number.isFinite(x) ? '–' : x.toFixed(digits);
  const share = (x: number | undefined, of: number): string =>
    x === undefined ? '' : `${((100 * x) / of).toFixed(0)} %`;
  const rows = kernels.map((kernel) => {
    const { gflops, gbps } = rates(kernel);
    return [
      ...[kernel.kernel, kernel.variant ?? '', String(kernel.dispatches), figure(kernel.ms, 3)],
      ...[share(kernel.ms > 0 ? kernel.ms : undefined, sum), figure(gflops, 2)],
      ...[share(gflops, ceiling.gflops), figure(gbps, 2), share(gbps, ceiling.gbps)],
    ];
  });
  const head = ['kernel', 'loads', '×', 'ms', 'share', 'GFLOP/s', 'of most', 'GB/s', 'of most'];
  const table = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...table.map((row) => (row[i] as string).length)));
  const lines = table.map((row) =>
    row
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] ?? 0)))
      .join('  '),
  );
  return [
    `${report.adapter}: ${report.model}, ${batch.sequences} sequences, ${batch.rows} rows; by ${report.how}`,
    `at most, measured: ${ceiling.gflops.toFixed(1)} GFLOP/s, ${ceiling.gbps.toFixed(1)} GB/s`,
    `kernels ${sum.toFixed(1)} ms, the step in one pass ${figure(step_ms, 1)} ms; buffers hold ${(report.memory.held / 1e6).toFixed(1)} MB`,
    ...report.fallbacks.map((text) => `falls back: ${text}`),
    '',
    ...lines,
  ].join('\n');
}
