/**
 * Algorithms by name. Values are those of the named source where it has some; values for this toy's short responses and
 * rewards of 0 and 1 say so. To add one is to add a line here.
 */
import type { Recipe } from '../../core/recipe.ts';

const LIST: readonly Recipe[] = [
  {
    id: 'grpo',
    label: 'GRPO',
    summary:
      'Compares the responses to one prompt with each other, divides by their spread, and averages within each response first, so that the tokens of short responses weigh more. Without the paper’s KL penalty, which can be added.',
    methods: ['grpo', 'ppo_clip'],
    aggregate: 'seq_mean_token_mean',
    settings: {},
  },
  {
    id: 'dr_grpo',
    label: 'Dr. GRPO',
    summary:
      'GRPO without its two biases: no division by the group’s spread, and losses divided by a constant length, so that long wrong responses are not let off.',
    methods: ['grpo', 'ppo_clip'],
    aggregate: 'seq_mean_token_sum_norm',
    settings: { 'grpo.scale_by_std': 0 },
  },
  {
    id: 'dapo',
    label: 'DAPO',
    summary:
      'GRPO with a higher upper clip, prompts replaced where all responses agree (watch the unused responses), a punishment for nearly overlong responses, and all tokens weighing the same. The punishment is halved, since right answers earn 1 and wrong ones 0 here, not −1.',
    methods: ['grpo', 'ppo_clip', 'dynamic_sampling', 'soft_overlong'],
    aggregate: 'token_mean',
    settings: { 'ppo_clip.eps_high': 0.28, 'ppo_clip.dual': 10, 'soft_overlong.factor': 0.5 },
  },
  {
    id: 'gspo',
    label: 'GSPO',
    summary:
      'GRPO with one ratio per response, the geometric mean of its tokens’, so that whole responses are clipped. The bounds are for short responses; the paper’s are a hundred times narrower.',
    methods: ['grpo', 'gspo'],
    aggregate: 'seq_mean_token_mean',
    settings: {},
  },
  {
    id: 'cispo',
    label: 'CISPO',
    summary:
      'Clips the weight of a token instead of its gradient, so that no token stops learning; all tokens weigh the same.',
    methods: ['grpo', 'cispo'],
    aggregate: 'token_mean',
    settings: {},
  },
  {
    id: 'gmpo',
    label: 'GMPO',
    summary: 'GRPO with the geometric mean of a response’s clipped token ratios.',
    methods: ['grpo', 'gmpo'],
    aggregate: 'seq_mean_token_mean',
    settings: {},
  },
  {
    id: 'opo',
    label: 'OPO',
    summary:
      'Plain policy gradient with the baseline of least variance: the group’s mean, weighted by length. Meant for one update per batch.',
    methods: ['opo', 'policy_gradient'],
    aggregate: 'token_mean',
    settings: {},
  },
  {
    id: 'reinforce',
    label: 'REINFORCE',
    summary:
      'The oldest one: reward above the mean of the batch times the gradient of the log-probability. Meant for one update per batch.',
    methods: ['reinforce', 'policy_gradient'],
    aggregate: 'token_mean',
    settings: {},
  },
  {
    id: 'ppo',
    label: 'PPO',
    summary:
      'A value head learns what reward to expect before each token, and a token is judged by whether things went better: no response is compared with another. PPO’s clip for the policy and one for the values. The head shares the model here; verl trains a second network.',
    methods: ['gae', 'ppo_clip'],
    aggregate: 'token_mean',
    settings: {},
  },
  {
    id: 'rloo',
    label: 'RLOO',
    summary:
      'Each response against the mean of the others to its prompt, with PPO’s clip as in verl.',
    methods: ['rloo', 'ppo_clip'],
    aggregate: 'token_mean',
    settings: {},
  },
  {
    id: 'reinforce_plus_plus',
    label: 'REINFORCE++',
    summary:
      'Advantages standardized over all tokens of the batch, PPO’s clip, and KL to the base taken from the reward token by token. Its coefficient here is ours.',
    methods: ['kl_reward', 'reinforce_plus_plus', 'ppo_clip'],
    aggregate: 'token_mean',
    settings: {},
  },
  {
    id: 'reinforce_plus_plus_baseline',
    label: 'REINFORCE++ with baseline',
    summary:
      'The prompt’s mean as baseline, then standardized over the batch, with PPO’s clip as in verl. Without KL, which can be added.',
    methods: ['reinforce_plus_plus_baseline', 'ppo_clip'],
    aggregate: 'token_mean',
    settings: {},
  },
  {
    id: 'hapo',
    label: 'HAPO',
    summary:
      'Advantages over tokens of the group, and sampling temperature, clip and advantage that depend on how uncertain a token is.',
    methods: ['hapo_average', 'hapo'],
    aggregate: 'token_mean',
    settings: {},
  },
  {
    id: 'ttrl',
    label: 'TTRL, without labels',
    summary: 'GRPO where the answer that most responses give counts as right.',
    methods: ['majority_vote', 'grpo', 'ppo_clip'],
    aggregate: 'token_mean',
    settings: {},
  },
  {
    id: 'spine',
    label: 'SPINE-style, without labels',
    summary:
      'TTRL on each response’s most uncertain tokens alone, whose entropy is kept in a band. In the style of the paper; its KL part can be added.',
    methods: ['majority_vote', 'grpo', 'ppo_clip', 'forking_tokens', 'spine_band'],
    aggregate: 'token_mean',
    settings: { 'forking_tokens.scope': 1 },
  },
];

export const RECIPES: ReadonlyMap<string, Recipe> = new Map(LIST.map((r) => [r.id, r]));
