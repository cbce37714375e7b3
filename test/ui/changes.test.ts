// Which changes of the controls apply at once, which wait for a restart, and what undo leaves of them.
import { describe, expect, test } from 'vitest';
import { applied, liveChanges, restartReasons } from '../../src/ui/changes.ts';
import * as edit from '../../src/ui/edit.ts';
import { createSessionStore, withoutWaiting } from '../../src/ui/store.ts';
import { shippedPreset } from './helpers.ts';

const preset = shippedPreset();

describe('what a change asks for', () => {
  test('a slider of an arm applies at once', () => {
    const draft = edit.setArmValue('naive', 'entropy_bonus.alpha', 0.05)(preset);
    expect(restartReasons(preset, draft)).toEqual([]);
    const changes = liveChanges(preset, draft);
    expect(changes).toEqual([{ arm: 'naive', values: { 'entropy_bonus.alpha': 0.05 } }]);
    expect(applied(preset, changes)).toEqual(draft);
  });

  test('a shared setting without a restart goes to all', () => {
    const draft = edit.setValue('trainer.learning_rate', 1e-4)(preset);
    expect(liveChanges(preset, draft)).toEqual([{ values: { 'trainer.learning_rate': 1e-4 } }]);
  });

  test('sizes, seeds and arms ask for a restart, by name', () => {
    let draft = edit.setValue('trainer.prompts', 16)(preset);
    draft = edit.patch({ seeds: [0] })(draft);
    draft = edit.setArmMethods('none', ['kl_penalty'])(draft);
    draft = edit.addArm(draft);
    expect(restartReasons(preset, draft)).toEqual([
      'seeds',
      'list of arms',
      'method of “no regularizer”',
      'prompts per step',
    ]);
    expect(liveChanges(preset, draft)).toEqual([]);
  });

  test('a size that is an arm’s own asks for a restart, too', () => {
    const before = edit.setArmMethods('naive', ['lepo'])(preset);
    const draft = edit.setArmValue('naive', 'lepo.positions', 2)(before);
    expect(restartReasons(before, draft)).toEqual([
      expect.stringMatching(/^latent positions L of “.*”$/),
    ]);
    expect(liveChanges(before, draft)).toEqual([]);
    const live = edit.setArmValue('naive', 'lepo.tau', 0.3)(before);
    expect(restartReasons(before, live)).toEqual([]);
    expect(liveChanges(before, live)).toEqual([{ arm: 'naive', values: { 'lepo.tau': 0.3 } }]);
  });

  test('another task is one change, not one for each of its settings', () => {
    expect(restartReasons(preset, edit.setTask('guess_or_think')(preset))).toEqual(['task']);
  });

  test('undone, what waits for a restart goes, and what needs none stays', () => {
    const store = createSessionStore(preset, 'naive-vs-ib');
    store.setState({ opened: preset, draft: edit.patchArm('ib', { name: 'mine' })(preset) });
    for (const change of [
      edit.patch({ seeds: [4] }),
      edit.setArmMethods('naive', []),
      edit.setValue('trainer.learning_rate', 1e-4),
    ]) {
      store.setState(({ draft }) => ({ draft: change(draft, preset) }));
    }
    const undone = withoutWaiting(store.getState());
    expect(restartReasons(preset, undone)).toEqual([]);
    expect(undone.seeds).toEqual(preset.seeds);
    expect(undone.arms.map(({ name }) => name)).toEqual([
      ...preset.arms.slice(0, 2).map(({ name }) => name),
      'mine',
    ]);
    expect(undone.values['trainer.learning_rate']).toBe(1e-4);
  });

  test('names and colors ask for nothing', () => {
    const draft = edit.patchArm('ib', { name: 'other', color: 5 })(preset);
    expect(restartReasons(preset, draft)).toEqual([]);
    expect(liveChanges(preset, draft)).toEqual([]);
  });
});
