import { describe, expect, test } from 'vitest';
import preset from '../../public/presets/naive-vs-ib.json' with { type: 'json' };
import { openFiles } from '../../src/ui/files.ts';
import { createSessionStore } from '../../src/ui/store.ts';
import { shippedPreset } from './helpers.ts';

const file = (name: string, text: string) => new File([text], name);
const json = (change: object = {}) => JSON.stringify({ ...preset, ...change });

describe('openFiles', () => {
  test('an experiment goes to the controls', async () => {
    const store = createSessionStore(shippedPreset(), 'naive-vs-ib');
    await openFiles(store, [file('mine.json', json({ name: 'Mine', seeds: [4] }))]);
    expect(store.getState().draft).toMatchObject({ name: 'Mine', seeds: [4] });
    expect(store.getState().recording).toBeUndefined();
  });

  test('curves with their experiment are a recording', async () => {
    const store = createSessionStore(shippedPreset(), 'naive-vs-ib');
    const curves = 'arm,seed,step,entropy\nib,0,0,\nib,0,1,0.5\n';
    await openFiles(store, [
      file('summary.json', '{}'),
      file('gains.csv', 'arm,seed,step,responses,gain,by,of,mean,tokens\n'),
      file('curves.csv', curves),
      file('experiment.json', json()),
    ]);
    const { recording } = store.getState();
    expect(recording?.source).toBe('curves.csv and experiment.json');
    expect(recording?.history.at('ib', 'entropy', 1)?.mean).toBe(0.5);
  });

  test('curves under another name are found beside what tokens tell', async () => {
    const store = createSessionStore(shippedPreset(), 'naive-vs-ib');
    const gains = file('gains.csv', 'arm,seed,step,responses,gain,by,of,mean,tokens\n');
    const curves = file('Mine.CSV', 'arm,seed,step,entropy\nib,0,1,0.5\n');
    await openFiles(store, [gains, curves, file('experiment.json', json())]);
    expect(store.getState().recording?.source).toBe('Mine.CSV and experiment.json');
  });

  test.each([
    [[file('curves.csv', 'arm,seed,step')], 'needs the experiment.json beside it'],
    [[file('photo.png', '')], 'must be an experiment (.json)'],
    [[file('x.json', '{')], 'x.json: must be JSON'],
    [[file('x.json', json({ seeds: [-1] }))], 'seeds.0: must be'],
    [[file('x.json', json({ settings: { 'trainer.prompts': 1e6 } }))], 'trainer.prompts: must be'],
  ])('refuses %# and changes nothing', async (files, message) => {
    const store = createSessionStore(shippedPreset(), 'naive-vs-ib');
    const before = store.getState().draft;
    await openFiles(store, files);
    expect(store.getState().draft).toBe(before);
    expect(store.getState().notices[0]).toMatchObject({ kind: 'error' });
    expect(store.getState().notices[0].message).toContain(message);
  });
});
