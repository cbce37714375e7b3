// What is refused before anything is opened, with the reason and what to change: on the page, at its control and at Start,
// and on the command line with the same words (test/cli/train_refusals.test.ts).
import { describe, expect, test } from 'vitest';
import type { Catalog } from '../../src/core/catalog.ts';
import { noticesOf } from '../../src/core/notices.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { refusalProblem } from '../../src/core/refusals.ts';
import { problemOf } from '../../src/ui/declared.ts';
import { CATALOG } from './catalog.ts';

const read = (file: object) => parseExperiment(file, CATALOG).experiment;
const conflicts = (file: object, catalog = CATALOG) =>
  noticesOf(read(file), catalog).filter(({ kind }) => kind === 'conflict');

describe('more prompts to score under than there are', () => {
  const file = (M: number, on = true) => ({
    settings: {
      'trainer.information': on,
      ...{ 'trainer.information_prompts': M, 'trainer.eval_prompts': 16 },
    },
  });

  test('is refused at the setting, with both settings named', () => {
    const [notice] = conflicts(file(17));
    expect([notice.at, notice.arm]).toEqual(['trainer.information_prompts', undefined]);
    expect(notice.text).toMatch(/at most 16, got 17; lower it, or raise “held-out prompts”\.$/);
    expect(problemOf(read(file(17)))).toBe(`trainer.information_prompts: ${notice.text}`);
  });

  test('is no matter up to as many, or where nothing is measured', () => {
    for (const own of [file(16), file(64, false)]) {
      expect(conflicts(own)).toEqual([]);
      expect(problemOf(read(own))).toBeUndefined();
    }
  });
});

describe('as many latent positions as a response is long', () => {
  const file = (positions: number, longest: number, enabled = true) => ({
    settings: { 'chain_sum.max_response': longest },
    arms: [
      { id: 'plain' },
      { id: 'a', methods: ['lepo'], settings: { 'lepo.positions': positions }, enabled },
    ],
  });

  test('is refused at the method, with what to change', () => {
    const [notice] = conflicts(file(12, 12));
    expect(notice).toMatchObject({ arm: 'a', at: 'lepo' });
    expect(notice.text).toMatch(
      /fewer than the 12 tokens of the longest response, got 12; lower them, or allow longer responses in the settings of the task “chain sum”\.$/,
    );
    expect(problemOf(read(file(12, 12)))).toBe(`arm.a.methods: lepo cannot run. ${notice.text}`);
  });

  test('is no matter with one token left, or where the arm is off', () => {
    expect(problemOf(read(file(11, 12)))).toBeUndefined();
    expect(problemOf(read(file(16, 4, false)))).toBeUndefined();
    expect(conflicts(file(16, 4, false))).toEqual([]);
  });
});

describe('a method that reads answers of a task whose answers are longer than a token', () => {
  const longer: Catalog = {
    ...CATALOG,
    tasks: new Map([
      ...CATALOG.tasks,
      ['chain_sum', { ...CATALOG.tasks.get('chain_sum')!, answer: undefined }],
    ]),
  };
  const file = { arms: [{ id: 'a', methods: ['iapo'] }] };

  test('is refused, with the task to choose', () => {
    const [notice] = conflicts(file, longer);
    expect(notice).toMatchObject({ arm: 'a', at: 'iapo' });
    expect(notice.text).toMatch(
      /answers of the task “chain sum” are longer than one token; choose the task “guess or think”\.$/,
    );
    expect(refusalProblem(read(file), longer)).toBe(
      `arm.a.methods: iapo cannot run. ${notice.text}`,
    );
  });

  test('leaves measuring information half of what it tells, and says so at the switch', () => {
    const measured = (on: boolean, catalog = longer) =>
      noticesOf(read({ settings: { 'trainer.information': on } }), catalog).filter(
        ({ at }) => at === 'trainer.information',
      );
    expect(measured(true)).toMatchObject([{ kind: 'no effect' }]);
    expect(measured(true)[0].text).toMatch(/plane: the answers of the task “chain sum” are longer/);
    expect([measured(false), measured(true, CATALOG)]).toEqual([[], []]);
  });

  test('runs where they are of one, and where nobody reads them', () => {
    expect(problemOf(read(file))).toBeUndefined();
    expect(refusalProblem(read({ arms: [{ id: 'b' }] }), longer)).toBeUndefined();
  });

  test('is refused where all arms share it, too', () => {
    const shared = { methods: ['grpo', 'ppo_clip', 'iapo'], arms: [{ id: 'b' }] };
    expect(refusalProblem(read(shared), longer)).toMatch(/^arm\.b\.methods: iapo cannot run/);
  });
});
