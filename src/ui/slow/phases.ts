/** The five phases of a step, as the slow motion tells them. */
export interface Phase {
  id: 'sample' | 'verify' | 'advantage' | 'weigh' | 'update';
  label: string;
  /** What is to be seen. */
  title: string;
  /** For a learner, in two sentences; terms link to the glossary. */
  text: string;
  /** Milliseconds before the next one, when it plays. */
  dwell: number;
}

export const PHASES: readonly Phase[] = [
  {
    id: 'sample',
    label: 'Sample',
    title: 'One prompt, several answers',
    text: 'The policy answers one prompt several times: a group. Each token is drawn at random with the probability below it, in percent; the fill says how undecided the policy was there, its entropy.',
    dwell: 8000,
  },
  {
    id: 'verify',
    label: 'Verify',
    title: 'Right or wrong',
    text: 'The verifier reads only the final answer of each response and gives a reward. How the response got there, and how sure of it the policy was, does not count.',
    dwell: 7000,
  },
  {
    id: 'advantage',
    label: 'Advantage',
    title: 'Better or worse than the group',
    text: 'Each response is compared with its group. Above 0 it did better than the others and its tokens shall become likelier; below 0, less likely.',
    dwell: 9000,
  },
  {
    id: 'weigh',
    label: 'Weigh',
    title: 'What each arm pays every token',
    text: 'What each arm’s loss pays for every token: the policy term pays for the token itself, by its advantage; a regularizer pays for entropy. Here the arms differ.',
    dwell: 10000,
  },
  {
    id: 'update',
    label: 'Update',
    title: 'What the step changed',
    text: 'The optimizer follows the gradient of the whole batch. The same tokens again, under the weights before and after the step: what became likelier, and where the policy is more undecided now.',
    dwell: 10000,
  },
];

/** Milliseconds between two tokens when a group of this longest length is written out; the whole takes at most 4 s. */
export function tokenPace(longest: number): number {
  return Math.min(140, 4000 / Math.max(1, longest));
}
