// What cannot run together is refused with both names and the reason, by the page and by the command line alike; what can
// do nothing says so.
import { expect, test } from 'vitest';
import type { Experiment } from '../../src/core/experiment.ts';
import { noticesOf } from '../../src/core/notices.ts';
import { parseExperiment } from '../../src/core/parse.ts';
import { METHODS } from '../../src/methods/index.ts';
import { CATALOG, problemOf } from '../../src/ui/declared.ts';

const parse = (file: object) => parseExperiment(file, CATALOG).experiment;

/** As it stands on the page when a user has put it together there, which no parser has seen. */
function drafted(methods: string[], settings: object = {}): Experiment {
  const experiment = parse({ settings, arms: [{ id: 'a' }] });
  const [arm] = experiment.arms;
  return { ...experiment, arms: [{ ...arm, methods }] };
}

const OF_TOKENS = [...METHODS.values()].filter(
  // Entrocraft chooses whole responses.
  ({ id, stage }) => stage === 'weight' && id !== 'entrocraft',
);

test.each<[string, string, RegExp]>([
  ['ppo_clip', 'cispo', /Both are objectives/],
  ['gspo', 'clip_cov', /Both are objectives/],
  ['grpo', 'rloo', /Both are estimators/],
  ['gae', 'reinforce_plus_plus', /Both are estimators/],
  ['dynamic_sampling', 'aepo', /Both say how a batch is sampled/],
  ['gae', 'gmpo', /one advantage for a whole response/],
  ['gae', 'dynamic_sampling', /the value head does/],
  ['majority_vote', 'dynamic_sampling', /looks at the right answer/],
  ['majority_vote', 'ares_windows', /looks at the right answer/],
  ['earl', 'forking_tokens', /Both choose the most uncertain tokens/],
  ['steer', 'steer_exact', /weights would be squared/],
  ...['empg', 'erpo', 'iapo', 'entropy_advantage'].map((id): [string, string, RegExp] => {
    return [id, 'gmpo', /one advantage for a whole response/];
  }),
  ...['gspo', 'gmpo'].flatMap((objective) =>
    OF_TOKENS.map(({ id }): [string, string, RegExp] => {
      return [objective, id, /one ratio per response/];
    }),
  ),
])('%s and %s', (a, b, why) => {
  const methods = [a, b];
  const both = new RegExp(`^arm\\.a\\.methods: (${a} and ${b}|${b} and ${a}) do not go together: `);
  for (const message of [
    problemOf(drafted(methods)) ?? '',
    refusal({ arms: [{ id: 'a', methods }] }),
  ]) {
    expect(message).toMatch(both);
    expect(message).toMatch(why);
  }
  const said = noticesOf(drafted(methods), CATALOG).filter(({ kind }) => kind === 'conflict');
  expect(said.length).toBeGreaterThan(0);
  for (const { at, text } of said) {
    expect(methods).toContain(at);
    expect(text).toMatch(why);
  }
});

function refusal(file: object): string {
  try {
    parse(file);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

test.each(['siren', 'adaptive_entropy', 'target_entropy'])(
  'matched strength and %s, which has no one strength',
  (id) => {
    const settings = { 'trainer.match_strength': true };
    expect(problemOf(drafted([id], settings))).toMatch(
      new RegExp(
        `^arm\\.a\\.methods: trainer\\.match_strength needs one setting .* ${id} has none`,
      ),
    );
    expect(problemOf(drafted([id]))).toBeUndefined();
    expect(problemOf(drafted(['ib_entropy'], settings))).toBeUndefined();
  },
);

test('whatever one update per batch or one response per prompt leaves nothing of says so', () => {
  const told = (id: string, settings: object) => {
    const experiment = parse({ settings, arms: [{ id: 'a', methods: [id] }] });
    return noticesOf(experiment, CATALOG).flatMap(({ at, text }) => (at === id ? [text] : []));
  };
  let count = 0;
  for (const { id, needs_reuse, group_of_one } of METHODS.values()) {
    if (needs_reuse) expect(told(id, {})).toContain(needs_reuse);
    if (needs_reuse) expect(told(id, { 'trainer.epochs': 2 })).not.toContain(needs_reuse);
    if (group_of_one) expect(told(id, { 'trainer.group_size': 1 })).toContain(group_of_one);
    if (group_of_one) expect(told(id, {})).not.toContain(group_of_one);
    count += Number(!!needs_reuse) + Number(!!group_of_one);
  }
  expect(count).toBeGreaterThan(10);
});
