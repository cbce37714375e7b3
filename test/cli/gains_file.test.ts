// What tokens tell as a table: no file where nothing is told, and every mean of every evaluation where something is.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { gainsFile } from '../../src/cli/gains_file.ts';
import { type GainProfile, meansOfGains } from '../../src/core/gain_profile.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'entroscope-gains-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('means by kind and by part, evaluation after evaluation', () => {
  const file = path.join(folder, 'gains.csv');
  writeFileSync(file, 'of an older run\n');
  const tell = gainsFile(file);
  expect(readFileSync(file, 'utf8')).toBe('of an older run\n');
  const kindOf = (t: number) => (t === 1 ? 'sign' : 'partial result');
  const told = (scale: number): GainProfile => ({
    responses: 2,
    gains: {
      entropy: meansOfGains([{ values: [scale, 2 * scale, 0], kindOf }], 3),
      logp: meansOfGains([{ values: [-scale], kindOf }], 2),
    },
  });
  tell({ arm: 'ib', seed: 3 }, 0, told(1 / 3));
  tell({ arm: 'ib', seed: 3 }, 10, told(1e-7));
  const [head, ...rows] = readFileSync(file, 'utf8').trim().split('\n');
  expect(head).toBe('arm,seed,step,responses,gain,by,of,mean,tokens');
  expect(rows.slice(0, 8)).toEqual([
    'ib,3,0,2,entropy,kind,partial result,0.166667,2',
    'ib,3,0,2,entropy,kind,sign,0.666667,1',
    'ib,3,0,2,entropy,part,1/3,0.333333,',
    'ib,3,0,2,entropy,part,2/3,0.666667,',
    'ib,3,0,2,entropy,part,3/3,0,',
    'ib,3,0,2,logp,kind,partial result,-0.333333,1',
    'ib,3,0,2,logp,part,1/2,-0.333333,',
    'ib,3,0,2,logp,part,2/2,,',
  ]);
  expect(rows[10]).toBe('ib,3,10,2,entropy,part,1/3,1e-7,');
  expect(rows).toHaveLength(16);
});

test('no file where nothing is told', () => {
  const file = path.join(folder, 'none.csv');
  gainsFile(file);
  expect(existsSync(file)).toBe(false);
});
