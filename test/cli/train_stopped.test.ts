// Ctrl-C in the middle of training: the step under way is finished, and what was measured by then is summed up.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, onTestFailed, test, vi } from 'vitest';

const folder = mkdtempSync(path.join(tmpdir(), 'entroscope-stopped-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('leaves curves and a summary of whole steps', async () => {
  const out = path.join(folder, 'out');
  const settings = ['trainer.prompts=1', 'trainer.eval_prompts=4', 'trainer.steps=5000'];
  const args = ['src/cli/run.mjs', 'train', 'public/presets/naive-vs-ib.json', '--out', out];
  // A group of its own, so that all of its processes hear the interrupt, as in a terminal.
  const child = spawn(
    process.execPath,
    [...args, '--seeds', '0', ...settings.flatMap((x) => ['--set', x])],
    { detached: true, stdio: 'ignore' },
  );
  onTestFailed(() => {
    if (child.exitCode === null) process.kill(-(child.pid as number), 'SIGKILL');
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const lines = () => readFileSync(path.join(out, 'curves.csv'), 'utf8').trim().split('\n');
  await vi.waitFor(() => expect(lines().length).toBeGreaterThan(8), {
    timeout: 120_000,
    interval: 200,
  });
  process.kill(-(child.pid as number), 'SIGINT');
  expect(await ended).toBe(130);
  expect(existsSync(path.join(out, 'experiment.json'))).toBe(true);
  const summary = JSON.parse(readFileSync(path.join(out, 'summary.json'), 'utf8'));
  // Beside the heading each of three arms has a row before its first step.
  expect(summary.stopped_after).toBe(`${lines().length - 4} of 15000 steps`);
  expect(summary.arms.map(({ arm }: { arm: string }) => arm)).toEqual(['none', 'naive', 'ib']);
  expect(new Set(lines().map((line) => line.split(',').length)).size).toBe(1);
});
