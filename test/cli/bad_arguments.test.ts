// What commands say of arguments that cannot be: in words, with an exit code, before anything is computed or written.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { main as methods } from '../../src/cli/bench_methods.ts';
import { wholeNumber } from '../../src/cli/options.ts';
import { main as pretrain } from '../../src/cli/pretrain.ts';
import { main as signatures } from '../../src/cli/signatures.ts';
import { main as train } from '../../src/cli/train.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'entroscope-arguments-'));
afterAll(() => rmSync(folder, { recursive: true }));
const out = path.join(folder, 'out');
const file = (name: string, text: string): string => {
  const at = path.join(folder, name);
  writeFileSync(at, text);
  return at;
};
const preset = 'public/presets/naive-vs-ib.json';

describe('train', () => {
  test.each<[string, string[], RegExp]>([
    ['no such file', ['none.json'], /^none\.json: must be a file of JSON, got ENOENT/],
    ['a folder', [folder], /must be a file of JSON, got EISDIR/],
    ['no JSON', [file('a.json', '{bad')], /a\.json: must be a file of JSON, got /],
    ['a list', [file('b.json', '[1]')], /^experiment: must be an object .*, got \[1\]$/],
    ['null', [file('c.json', 'null')], /^experiment: must be an object .*, got null$/],
    ['a text', [file('d.json', '"x"')], /^experiment: must be an object .*, got "x"$/],
    ['settings of no kind', [file('e.json', '{"settings":5}')], /^settings: must be .*, got 5$/],
    [
      'methods of no kind',
      [file('f.json', '{"methods":5,"seeds":[-1]}'), '--algorithm', 'dapo'],
      /^seeds\.0: must be a whole number/,
    ],
    ['seeds with a hole', [preset, '--seeds', '1,,2'], /^--seeds: .*, got nothing$/],
    ['no seeds', [preset, '--seeds', ''], /^--seeds: .*, got nothing$/],
    ['seeds of words', [preset, '--seeds', '0,x'], /^--seeds: .*, got x$/],
    ['a setting that is none', [preset, '--set', 'trainer.prompt=1'], /^trainer\.prompt: must be/],
    ['a value out of range', [preset, '--set', 'trainer.prompts=0'], /whole number from 1 to 512/],
  ])('%s', async (_, args, message) => {
    const told = await train([...args, '--out', out]).catch((error) => error);
    expect(told).toBeInstanceOf(RangeError);
    expect(told.message).toMatch(message);
    expect(existsSync(out)).toBe(false);
  });

  test('a place where no folder can be made', async () => {
    const under = path.join(file('plain', ''), 'sub');
    await expect(train([preset, '--out', under])).rejects.toThrow(
      `--out: must be a folder that can be written, got ${under}`,
    );
    await expect(pretrain(['--out', under])).rejects.toThrow(
      `--out: must be a folder that can be written, got ${under}`,
    );
  });

  test('with --algorithm no setting of the file’s own algorithm is kept', async () => {
    const own = file(
      'g.json',
      '{"algorithm":"dapo","settings":{"ppo_clip.eps_high":99,"dynamic_sampling.rounds":99}}',
    );
    // Both would be refused before what is.
    const args = [own, '--algorithm', 'grpo', '--set', 'trainer.prompts=0', '--out', out];
    await expect(train(args)).rejects.toThrow(/^trainer\.prompts: /);
    await expect(train([own, '--out', out])).rejects.toThrow(/^ppo_clip\.eps_high: /);
  });
});

test.each([
  ['signatures', signatures, ['--seeds', 'x'], '--seeds: must be a whole number ≥ 0, got x'],
  ['signatures', signatures, ['--steps', '0'], '--steps: must be a whole number ≥ 1, got 0'],
  ['signatures', signatures, ['--only', ''], /^--only: must be some of .*, got nothing$/],
  ['bench:methods', methods, ['--minibatches', '1,x'], /^--minibatches: .*, got x$/],
])('%s %#', async (_, main, args, message) => {
  await expect(main(args)).rejects.toThrow(message);
});

test('nothing is no number', () => {
  expect(() => wholeNumber('seed', '', 0)).toThrow(
    '--seed: must be a whole number ≥ 0, got nothing',
  );
});

test.each([
  ['an unknown option of a command', ['src/cli/run.mjs', 'train', '--nonsense'], '--nonsense'],
  ['an unknown option of the start', ['src/cli/start.mjs', '--nonsense'], '--nonsense'],
  ['a port that is none', ['src/cli/start.mjs', '--port', 'x'], '--port: must be a whole number'],
])('%s is told without where it was found', (_, args, message) => {
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(status).toBe(1);
});
