/**
 * What each method should do to the curves, said before it is run: the source's own words in ours, and one metric with
 * the sign of the difference to its plain counterpart. `npm run signatures` looks.
 */
export interface Signature {
  /** Id of a method, or of an algorithm by name. */
  id: string;
  expected: string;
  metric: string;
  /** Of (with it) − (without it), averaged over the last fifth of the steps. */
  sign: '+' | '−' | '0';
  settings?: Readonly<Record<string, number | string | boolean>>;
  /** What both share instead of the default algorithm. */
  algorithm?: string;
  /** Updates per batch, where it needs the policy to move. */
  minibatches?: number;
  steps: number;
}

export const SIGNATURES: readonly Signature[] = [
  s('entropy_bonus', 'too large a bonus makes entropy explode', 'entropy', '+', 40, {
    'entropy_bonus.alpha': 0.2,
  }),
  s('ib_entropy', 'entropy near that without it, no damage', 'entropy', '0', 40),
  s('abs_entropy', 'explodes as the naive bonus does', 'entropy', '+', 40, {
    'abs_entropy.alpha': 0.35,
  }),
  s('adaptive_entropy', 'holds entropy at its target', 'entropy', '+', 60, {
    'adaptive_entropy.target': 0.3,
  }),
  s('target_entropy', 'entropy falls more slowly', 'entropy', '+', 40),
  s('tsallis_entropy', 'entropy stays higher', 'entropy', '+', 40),
  s('siren', 'entropy of selected tokens returns to its anchor', 'entropy', '+', 60),
  s('spine_band', 'half of the forks lie above the band: entropy sinks', 'entropy', '−', 40),
  s('kl_penalty', 'stays nearer to the base', 'kl_base', '−', 40, { 'kl_penalty.beta': 0.1 }),
  s('kl_reward', 'stays nearer to the base', 'kl_base', '−', 40, { 'kl_reward.beta': 0.1 }),
  { ...s('kl_cov', 'entropy stays above PPO’s', 'entropy', '+', 40), minibatches: 4 },
  { ...s('clip_cov', 'entropy stays above PPO’s', 'entropy', '+', 40), minibatches: 4 },
  s('clip_b', 'entropy falls more slowly', 'entropy', '+', 40),
  s('clip_v', 'entropy falls more slowly', 'entropy', '+', 40),
  s('steer', 'entropy falls more slowly', 'entropy', '+', 40, { 'steer.least': 0.5 }),
  s('steer_exact', 'entropy falls more slowly', 'entropy', '+', 40, { 'steer_exact.least': 0.5 }),
  s('forking_tokens', 'nearly the same reward from a fifth of the tokens', 'accuracy', '0', 60),
  {
    ...s('forking_tokens', 'the other four fifths alone fail', 'accuracy', '−', 60),
    settings: { 'forking_tokens.kept': 'rest' },
  },
  s('earl', 'nearly the same reward from a fifth of the tokens', 'accuracy', '0', 60),
  s('d3s', 'faster at first', 'accuracy', '+', 20),
  s('empg', 'entropy falls faster', 'entropy', '−', 30),
  s('erpo', 'shorter right answers are claimed', 'response_length', '−', 60),
  s('entrocraft', 'entropy follows the band', 'entropy', '+', 60),
  s('soft_overlong', 'responses end sooner', 'response_length', '−', 60),
  s('ares_windows', 'fewer undecided stretches on easy prompts', 'entropy', '−', 60),
  s('majority_vote', 'agreement rises, accuracy may fall', 'accuracy', '−', 60),
  {
    ...s('hapo', 'entropy slightly above DAPO’s', 'entropy', '+', 40),
    minibatches: 4,
    algorithm: 'dapo',
  },
  s('dapo', 'entropy decays more slowly than without its parts', 'entropy', '+', 40),
  s('dr_grpo', 'wrong responses grow no longer', 'response_length', '−', 60),
  { ...s('gspo', 'entropy as with GRPO', 'entropy', '0', 40), minibatches: 4 },
  { ...s('cispo', 'entropy above PPO’s at the same reward', 'entropy', '+', 40), minibatches: 4 },
  s('reinforce_plus_plus', 'learns more slowly on hard prompts', 'accuracy', '−', 40),
  s(
    'reinforce',
    'noisier without a group to compare with: learns more slowly',
    'accuracy',
    '−',
    40,
  ),
  s('rloo', 'as GRPO where groups are alike in spread', 'accuracy', '0', 40),
  s('opo', 'as GRPO where lengths are alike', 'accuracy', '0', 40),
  s('ppo', 'learns as GRPO once its values are right', 'accuracy', '0', 40),
  { ...s('gmpo', 'smaller steps: entropy above GRPO’s', 'entropy', '+', 40), minibatches: 4 },
  s('grpo_passk', 'keeps more alternatives alive', 'entropy', '+', 40),
  s('renyi_entropy', 'entropy stays higher', 'entropy', '+', 40),
  s(
    'ibro',
    'uncertainty that the answer leaves open is charged: entropy falls faster',
    'entropy',
    '−',
    40,
  ),
  s('shuffled_entropy', 'as stable as IB, which knows more', 'entropy', '0', 40),
  s('gated_entropy', 'explodes, if later than the naive bonus', 'entropy', '+', 40, {
    'gated_entropy.alpha': 0.2,
  }),
  s(
    'entropy_advantage',
    'undecided tokens learn more: entropy falls more slowly',
    'entropy',
    '+',
    40,
  ),
  s('attention_weights', 'a steadier gradient, the same learning', 'accuracy', '0', 40),
  s('aepo', 'entropy locks to its target', 'entropy', '+', 40),
  s('iapo', 'shorter responses at the same accuracy', 'response_length', '−', 40),
  s('advantage_noise', 'learns more slowly', 'accuracy', '−', 40),
  s('lepo', 'the base has never read mixtures: learns more slowly', 'accuracy', '−', 40),
  s('balanced_entropy', 'naive, at a quarter: entropy falls more slowly', 'entropy', '+', 40, {
    'balanced_entropy.weight': 'all',
  }),
];

function s(
  id: string,
  expected: string,
  metric: string,
  sign: Signature['sign'],
  steps: number,
  settings?: Signature['settings'],
): Signature {
  return { id, expected, metric, sign, steps, ...(settings && { settings }) };
}
