import fc from 'fast-check';
import { expect, test } from 'vitest';
import { composeMethods, SUPERVISED } from '../../src/methods/compose.ts';
import { METHODS } from '../../src/methods/index.ts';
import type { Method } from '../../src/methods/method.ts';

const all = (...ids: string[]) => ids.map((id) => METHODS.get(id) as Method);

test('prints the struct, the functions and the two entries', () => {
  const { wgsl, fields, needs } = composeMethods(all('grpo', 'ppo_clip', 'entropy_bonus'));
  expect(fields).toEqual([
    'entropy_bonus.alpha',
    'ppo_clip.eps_low',
    'ppo_clip.eps_high',
    'ppo_clip.dual',
  ]);
  expect(needs.size).toBe(0);
  expect(wgsl).toContain(
    'struct Params {\n  entropy_bonus_alpha: f32,\n  ppo_clip_eps_low: f32,\n  ppo_clip_eps_high: f32,\n  ppo_clip_dual: f32,\n}\n',
  );
  expect(wgsl).toContain('\nfn entropy_bonus(t: Token) -> Term {\n  let alpha');
  expect(wgsl).toContain('fn objective(t: Token, n: u32) -> Term { return ppo_clip(t); }');
  expect(wgsl).toContain('  sum = term_add(sum, entropy_bonus(t));\n  return sum;');
  expect(wgsl).not.toMatch(/grpo|@group/);
});

test('one field stands in the struct where no method has a setting', () => {
  const { wgsl, fields } = composeMethods([SUPERVISED]);
  expect(fields).toEqual([]);
  expect(wgsl).toContain('struct Params {\n  unused: f32,\n}');
  expect(wgsl).toContain('return nll(t);');
  expect(wgsl).not.toContain('term_add');
});

test('the order of the methods does not matter', () => {
  const ids = ['grpo', 'ppo_clip', 'entropy_bonus', 'ib_entropy', 'kl_penalty'];
  const text = composeMethods(all(...ids));
  expect(text.needs).toEqual(new Set(['ref_logp']));
  fc.assert(
    fc.property(fc.shuffledSubarray(ids, { minLength: ids.length }), (order) => {
      expect(composeMethods(all(...order))).toEqual(text);
    }),
  );
});

test('leaves its argument as it was', () => {
  const active = Object.freeze(all('ppo_clip', 'entropy_bonus'));
  expect(() => composeMethods(active)).not.toThrow();
});

test('needs exactly one objective', () => {
  expect(() => composeMethods(all('grpo', 'entropy_bonus'))).toThrow(
    'composeMethods: need exactly one objective, got none',
  );
  expect(() => composeMethods([...all('ppo_clip'), SUPERVISED])).toThrow(
    'composeMethods: need exactly one objective, got nll, ppo_clip',
  );
});
