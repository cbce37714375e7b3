import { describe, expect, test } from 'vitest';
import { fromQuery, toQuery } from '../../src/core/share.ts';
import { liveChanges, restartReasons } from '../../src/ui/changes.ts';
import { fromPosition, moveTo, STOPS, stopOf, toPosition } from '../../src/ui/controls/scale.ts';
import { parseSeeds } from '../../src/ui/controls/seeds.ts';
import { CATALOG, findParam, problemOf } from '../../src/ui/declared.ts';
import * as edit from '../../src/ui/edit.ts';
import { createSessionStore, edit as editStore, shownExperiment } from '../../src/ui/store.ts';
import { shippedPreset } from './helpers.ts';

const preset = shippedPreset();

describe('edits', () => {
  test('an arm can be duplicated, changed, removed; ids and names stay distinct', () => {
    let next = edit.duplicateArm('naive')(preset);
    next = edit.duplicateArm('naive')(next);
    next = edit.addArm(next);
    expect(next.arms.map((arm) => arm.id)).toEqual([
      'none',
      'naive',
      'naive_3',
      'naive_2',
      'ib',
      'arm_2',
    ]);
    expect(new Set(next.arms.map((arm) => arm.name)).size).toBe(6);
    expect(new Set(next.arms.map((arm) => arm.color)).size).toBe(6);
    expect(edit.addArm(next)).toBe(next);
    next = edit.removeArm('naive_2')(next);
    expect(next.arms).toHaveLength(5);
    expect(problemOf(next)).toBeUndefined();
  });

  test('the last arm stays', () => {
    const one = { ...preset, arms: preset.arms.slice(0, 1) };
    expect(edit.removeArm('none')(one)).toBe(one);
  });

  test('another method brings its defaults, a kept one keeps its settings', () => {
    let next = edit.setArmValue('naive', 'entropy_bonus.alpha', 0.7)(preset);
    next = edit.setArmMethods('naive', ['entropy_bonus', 'kl_penalty'])(next);
    expect(next.arms[1].values['entropy_bonus.alpha']).toBe(0.7);
    expect(next.arms[1].values['kl_penalty.beta']).toBe(0.01);
    next = edit.setArmMethods('naive', [])(next);
    expect(next.arms[1].values).toEqual({});
  });

  test('another task brings its settings, and takes back what was said of the old one', () => {
    const next = edit.setTask('guess_or_think')(preset);
    expect(next.values['guess_or_think.temptation']).toBe(0.4);
    expect(Object.keys(next.values).filter((key) => key.startsWith('chain_sum.'))).toEqual([]);
    expect(next.name).toBe('Arms of your choice on guess or think');
    expect(next.caption).toMatch(/nobody has measured/);
    expect(next.arms).toBe(preset.arms);
    expect(problemOf(next)).toBeUndefined();
    // The link brings all of it back.
    const from = { id: 'naive-vs-ib', experiment: preset };
    expect(fromQuery(toQuery(next, from, CATALOG), [from], CATALOG).experiment).toEqual(next);
    expect(edit.setTask('chain_sum')(preset)).toBe(preset);
  });

  test('a shared algorithm replaces the parts of the old one and keeps the rest', () => {
    const next = edit.setAlgorithm('gspo')(edit.setAlgorithm('dapo')(preset));
    expect(next.methods).toEqual(['grpo', 'gspo']);
    expect(next.arms).toBe(preset.arms);
    expect(Object.keys(next.values).filter((key) => /^(ppo_clip|dynamic|soft)/.test(key))).toEqual(
      [],
    );
    expect(next.values['trainer.prompts']).toBe(preset.values['trainer.prompts']);
    expect(problemOf(next)).toBeUndefined();
    expect(restartReasons(preset, next)).toEqual(['algorithm']);
  });

  test('an arm can have an algorithm of its own, and give it back', () => {
    let next = edit.setArmAlgorithm('ib', 'dapo')(preset);
    expect(next.arms[2].methods).toEqual([
      ...['grpo', 'ppo_clip', 'dynamic_sampling', 'soft_overlong', 'ib_entropy'],
    ]);
    expect(next.arms[2].values['ib_entropy.alpha']).toBe(0.5);
    expect(next.arms[2].name).toBe('IB');
    expect(problemOf(next)).toBeUndefined();
    next = edit.setArmAlgorithm('ib', 'dr_grpo')(next);
    expect(next.arms[2].methods).toEqual(['grpo', 'ppo_clip', 'ib_entropy']);
    next = edit.setArmMethods('ib', ['rloo', 'ppo_clip', 'ib_entropy'])(next);
    expect(next.arms[2].values['trainer.aggregate']).toBe(3);
    next = edit.setArmAlgorithm('ib', undefined)(next);
    expect(next.arms[2]).toEqual(preset.arms[2]);
  });

  test('a name that nobody typed follows the algorithm', () => {
    const nameOf = (experiment: typeof preset) => experiment.arms.at(-1)?.name;
    let next = edit.setArmAlgorithm('arm_2', 'dapo')(edit.addArm(preset));
    expect(nameOf(next)).toBe('DAPO');
    next = edit.setArmValue('arm_2', 'ppo_clip.eps_high', 0.3)(next);
    expect(nameOf(next)).toBe('DAPO, changed: ε high 0.3');
    next = edit.setArmValue('arm_2', 'ppo_clip.eps_high', 0.28)(next);
    expect(nameOf(next)).toBe('DAPO');
    next = edit.setArmAlgorithm('arm_2', 'gspo')(next);
    expect(nameOf(next)).toBe('GSPO');
    next = edit.patchArm('arm_2', { name: 'mine' })(next);
    next = edit.setArmAlgorithm('arm_2', 'cispo')(next);
    expect(nameOf(next)).toBe('mine');
  });

  test('a preset’s name lasts as long as the arm is the preset’s; a copy keeps a name of its own', () => {
    const change = (draft: typeof preset, by: edit.Edit) => by(draft, preset);
    const names = (draft: typeof preset) => draft.arms.map(({ name }) => name).slice(2);
    let next = change(preset, edit.setArmMethods('ib', ['tsallis_entropy']));
    expect(names(next)).toEqual(['Tsallis entropy']);
    expect(names(change(next, edit.setArmMethods('ib', [])))).toEqual(['no regularizer (2)']);
    expect(names(change(next, edit.setArmMethods('ib', ['ib_entropy'])))).toEqual(['IB']);
    next = edit.duplicateArm('ib')(preset);
    expect(names(change(next, edit.setArmMethods('ib_2', ['entropy_bonus'])))).toEqual([
      ...['IB', 'entropy bonus'],
    ]);
    expect(names(change(next, edit.setArmValue('ib_2', 'ib_entropy.alpha', 0.3)))).toEqual([
      ...['IB', 'IB (2)'],
    ]);
    next = edit.patchArm('ib', { name: 'mine' })(preset);
    expect(names(change(next, edit.setArmMethods('ib', [])))).toEqual(['mine']);
    // Without the preset nobody knows who gave the name.
    expect(names(edit.setArmMethods('ib', [])(preset))).toEqual(['IB']);
  });

  test('curves keep the name of what runs until the arm’s new method does', () => {
    const store = createSessionStore(preset, 'naive-vs-ib');
    store.setState({ opened: preset });
    const shown = () => shownExperiment(store.getState()).arms[2].name;
    editStore(store, edit.setArmMethods('ib', ['kl_penalty']));
    expect(store.getState().draft.arms[2].name).toBe('KL penalty');
    expect(shown()).toBe('IB');
    editStore(store, edit.setArmMethods('ib', ['ib_entropy']));
    editStore(store, edit.patchArm('ib', { name: 'mine' }));
    expect(shown()).toBe('mine');
  });

  test('a strength in a preset’s name and the step of a fork stay true', () => {
    const from = edit.patchArm('naive', { name: 'naive 0.2' })(preset);
    const nameOf = (draft: typeof preset) => draft.arms.find(({ id }) => id === 'naive')?.name;
    const next = edit.setArmValue('naive', 'entropy_bonus.alpha', 0.05)(from, from);
    expect(nameOf(next)).toBe('naive 0.05');
    expect(nameOf(edit.setArmValue('naive', 'entropy_bonus.alpha', 0.2)(next, from))).toBe(
      'naive 0.2',
    );
    const forked = edit.patchArm('naive', { name: 'naive 0.05, forked at 12' })(next);
    expect(nameOf(edit.setArmMethods('naive', ['kl_penalty'])(forked, from))).toBe(
      'KL penalty, forked at 12',
    );
  });

  test('a shared setting does not overwrite an arm’s own of the same name', () => {
    const before = edit.setArmAlgorithm('ib', 'dr_grpo')(preset);
    const after = edit.setValue('trainer.aggregate', 4)(before);
    expect(liveChanges(before, after)).toEqual([
      { values: { 'trainer.aggregate': 4 } },
      { arm: 'ib', values: { 'trainer.aggregate': 3 } },
    ]);
  });

  test('an experiment survives the address', () => {
    let next = edit.setValue('trainer.prompts', 4)(preset);
    next = edit.setArmValue('ib', 'ib_entropy.alpha', 0.9)(next);
    next = edit.duplicateArm('ib')(next);
    next = edit.patchArm('none', { enabled: false, name: 'plain & simple' })(next);
    next = edit.patch({ seeds: [3] })(next);
    const entry = { id: 'naive-vs-ib', experiment: preset };
    const query = toQuery(next, entry, CATALOG);
    expect(fromQuery(query, [entry], CATALOG).experiment).toEqual(next);
  });

  test('says why settings cannot run', () => {
    const off = preset.arms.reduce(
      (e, arm) => edit.patchArm(arm.id, { enabled: false })(e),
      preset,
    );
    expect(problemOf(off)).toMatch('at least one must be switched on');
    expect(problemOf(edit.setValue('chain_sum.min_operands', 9)(preset))).toMatch('min_operands');
    expect(problemOf(preset)).toBeUndefined();
  });
});

describe('slider positions', () => {
  const alpha = findParam('entropy_bonus.alpha');
  const rate = findParam('trainer.learning_rate');
  const steps = findParam('trainer.steps');

  test.each([alpha, rate, steps])('ends are the range, and positions go up: $label', (param) => {
    if (param?.kind !== 'number') throw new Error('not a number');
    expect(fromPosition(param, 0)).toBe(param.min);
    expect(fromPosition(param, STOPS)).toBe(param.max);
    let before = Number.NEGATIVE_INFINITY;
    for (let position = 0; position <= STOPS; position++) {
      const value = fromPosition(param, position);
      expect(value).toBeGreaterThanOrEqual(before);
      before = value;
      // A value shows at the place it came from, within a stop and the rounding to 2 digits.
      if (!param.integer) expect(Math.abs(toPosition(param, value) - position)).toBeLessThan(1.6);
    }
  });

  test.each([alpha, rate, steps, findParam('trainer.group_size')])(
    'every arrow key moves: $label',
    (param) => {
      if (param?.kind !== 'number') throw new Error('not a number');
      for (const direction of [1, -1]) {
        let value = direction > 0 ? param.min : param.max;
        let presses = 0;
        while (value !== (direction > 0 ? param.max : param.min)) {
          const next = moveTo(param, value, stopOf(param, value) + direction);
          expect(direction * (next - value)).toBeGreaterThan(0);
          value = next;
          expect(++presses).toBeLessThanOrEqual(STOPS);
        }
      }
    },
  );

  test('a log scale from 0 has 0 as its first stop', () => {
    if (alpha?.kind !== 'number') throw new Error('not a number');
    expect(toPosition(alpha, 0)).toBe(0);
    expect(fromPosition(alpha, 1)).toBeCloseTo(0.001, 9);
  });
});

describe('seeds', () => {
  test('a list in any notation', () => {
    expect(parseSeeds('0, 1 2;30')).toEqual([0, 1, 2, 30]);
  });
  test.each([
    '',
    '1,1',
    '-1',
    '1.5',
    'x',
    '4294967296',
    Array.from({ length: 13 })
      .map((_, i) => i)
      .join(),
  ])('refuses %j', (text) => expect(parseSeeds(text)).toBeUndefined());
});
