/** Every preset that ships: valid, listed once, and honest in its caption. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseExperiment } from '../../src/core/parse.ts';
import { CATALOG, problemOf } from '../../src/ui/declared.ts';
import { LOCK_IDS, linkOf, takeLocks } from '../../src/ui/locks.ts';
import { createSessionStore } from '../../src/ui/store.ts';
import { shippedPreset } from './helpers.ts';

const read = (name: string) => JSON.parse(readFileSync(`public/presets/${name}.json`, 'utf8'));
const groups: { group: string; presets: string[] }[] = read('index');
const listed = groups.flatMap(({ presets }) => presets);

describe('presets', () => {
  test('the list names every file once, the default first', () => {
    const files = readdirSync('public/presets').filter((name) => name !== 'index.json');
    expect(listed.map((id) => `${id}.json`).sort()).toEqual(files.sort());
    expect(listed[0]).toBe('naive-vs-ib');
    expect(new Set(groups.map(({ group }) => group)).size).toBe(groups.length);
  });

  test.each(listed)('%s runs as it stands and says what it does not show', (id) => {
    const { experiment, notices } = parseExperiment(read(id), CATALOG);
    expect(notices).toEqual([]);
    expect(problemOf(experiment)).toBeUndefined();
    expect(experiment.seeds.length).toBeGreaterThanOrEqual(3);
    expect(experiment.caption).toMatch(/does \*?not\*? show/);
    expect(experiment.caption).toMatch(/seeds/);
  });
});

describe('locks', () => {
  const store = createSessionStore(shippedPreset(), 'naive-vs-ib');

  test('a link carries them there and back, beside the settings', () => {
    const link = linkOf(store.getState(), 'http://localhost/some/where/', ['files', 'methods']);
    expect(link.href).toBe('http://localhost/some/where/?preset=naive-vs-ib&locks=methods,files');
    const errors: string[] = [];
    const { locks, query } = takeLocks(link.search, errors);
    expect([...locks]).toEqual(['methods', 'files']);
    expect(query).toBe('preset=naive-vs-ib');
    expect(errors).toEqual([]);
  });

  test('the page’s own locks go on in its links', () => {
    store.setState({ locks: new Set(['arms']) });
    expect(linkOf(store.getState(), 'http://localhost/').search).toContain('locks=arms');
  });

  test('an unknown one is named, the others hold', () => {
    const errors: string[] = [];
    const { locks } = takeLocks('?locks=setup,toString,%3Cb%3E', errors);
    expect([...locks]).toEqual(['setup']);
    expect(errors).toEqual([`locks: must be some of ${LOCK_IDS.join(', ')}, got "toString"`]);
  });
});
