// `npm test`: installs what is missing, checks formatting, lint and types, then runs every test.
// Ends with `N passed, N failed` alone on the last line; exit code 1 when anything failed.
// With arguments it is Vitest alone, for quick repeats: `npm test -- --project unit param`.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureInstalled, root } from '../src/cli/install.mjs';

const checks = [
  {
    name: 'format and lint',
    args: ['@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'],
  },
  { name: 'types', args: ['typescript/bin/tsc', '-b'] },
];

/** Runs a program of node_modules; resolves to its exit code. */
function runTool(/** @type {string[]} */ [file, ...args]) {
  const child = spawn(process.execPath, [path.join(root, 'node_modules', file), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** Passed, failed and skipped tests of Vitest's JSON report. */
function countTests(/** @type {string} */ file) {
  const report = JSON.parse(readFileSync(file, 'utf8'));
  // A file that cannot even be loaded has no failed test of its own, yet something failed.
  const broken = report.testResults.filter(
    (/** @type {any} */ result) =>
      result.status === 'failed' &&
      !result.assertionResults.some((/** @type {any} */ test) => test.status === 'failed'),
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

async function runVitest(/** @type {string[]} */ args) {
  const folder = mkdtempSync(path.join(tmpdir(), 'entroscope-test-'));
  const file = path.join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const code = await runTool(['vitest/vitest.mjs', 'run', ...reporters, ...args]);
  let counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    counts = countTests(file);
  } catch (error) {
    console.error(`Vitest left no report: ${error instanceof Error ? error.message : error}`);
  }
  rmSync(folder, { recursive: true, force: true });
  // An error outside any test, or no test found, shows in the exit code only.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

async function main() {
  const args = process.argv.slice(2);
  let passed = 0;
  let failed = 0;
  ensureInstalled();
  for (const check of args.length === 0 ? checks : []) {
    const ok = (await runTool(check.args)) === 0;
    console.log(`${ok ? 'passed' : 'FAILED'}: ${check.name}`);
    if (ok) passed += 1;
    else failed += 1;
  }
  const tests = await runVitest(args);
  passed += tests.passed;
  failed += tests.failed;
  if (tests.skipped > 0) console.log(`${tests.skipped} skipped`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

main().catch((error) => {
  console.error(error);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
});
