// What methods should do is said of methods, metrics and settings that exist.
import { expect, test } from 'vitest';
import { SIGNATURES } from '../../src/cli/signature_list.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { METHODS } from '../../src/methods/index.ts';
import { RECIPES } from '../../src/methods/recipes/index.ts';
import { METRICS } from '../../src/metrics/index.ts';
import { CATALOG } from '../../src/train/catalog.ts';

test.each(SIGNATURES.map((s) => [s.id, s] as const))(
  '%s',
  (id, { metric, settings, algorithm }) => {
    expect(METHODS.has(id) || RECIPES.has(id)).toBe(true);
    expect(METRICS.map((m) => m.id)).toContain(metric);
    const own = RECIPES.has(id) ? { algorithm: id } : { methods: [id] };
    const arms = [{ id: 'plain' }, { id: 'own', ...own, settings: settings ?? {} }];
    expect(parseExperiment({ ...(algorithm && { algorithm }), arms }, CATALOG).notices).toEqual([]);
  },
);
