// What the command line says of an experiment that cannot run, and that it leaves no files behind.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(path.join(tmpdir(), 'entroscope-refused-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each<[string, object, RegExp]>([
  [
    'a pair that does not go together',
    { arms: [{ id: 'a', methods: ['gspo', 'steer'] }] },
    /^arm\.a\.methods: gspo and steer do not go together: The objective has one ratio/m,
  ],
  [
    'matched strength without a strength',
    { settings: { 'trainer.match_strength': true }, arms: [{ id: 'a', methods: ['siren'] }] },
    /^arm\.a\.methods: trainer\.match_strength needs one setting .* siren has none/m,
  ],
  [
    'hints of a base that has seen none',
    { arms: [{ id: 'a', methods: ['ibro'] }] },
    /^arm\.a\.methods: ibro cannot run\. .* switch on “base that knows hints”/m,
  ],
  [
    'as many latent positions as a response is long',
    {
      settings: { 'chain_sum.max_response': 12 },
      arms: [{ id: 'a', methods: ['lepo'], settings: { 'lepo.positions': 12 } }],
    },
    /^arm\.a\.methods: lepo cannot run\. .* fewer than the 12 tokens .* got 12; lower them, or allow longer/m,
  ],
  [
    'more prompts to score under than there are',
    {
      settings: {
        'trainer.information': true,
        ...{ 'trainer.information_prompts': 17, 'trainer.eval_prompts': 16 },
      },
    },
    /^trainer\.information_prompts: .* at most 16, got 17; lower it, or raise “held-out prompts”/m,
  ],
  ['no base for the model', { model: 'medium' }, /^base: needs .*, got no such file/m],
])('%s', (_, experiment, message) => {
  const file = path.join(folder, 'experiment.json');
  const out = path.join(folder, 'out');
  writeFileSync(file, JSON.stringify(experiment));
  const args = ['src/cli/run.mjs', 'train', file, '--out', out];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(status).toBe(1);
  expect(existsSync(out)).toBe(false);
});
