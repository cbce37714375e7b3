/** What a method asks of the engine beside a plain step, in words; times are of RESULTS.md, on a software adapter. */
import type { Need } from '../../methods/method.ts';

const COSTS: Record<Need, string> = {
  ref_logp:
    'At each update the base reads the batch, too: one more forward pass. With nano and 8 × 8 responses on a software adapter a step took 1.24 times the processor time of a plain one.',
  current:
    'The policy’s log-probabilities and entropies come back before each update, which then waits for them; the passes stay the same.',
  row: 'A sum over each token’s distribution comes back before each update, which then waits for it; the passes stay the same.',
  attention_entropy:
    'How widely one layer looks back comes back before each update, which then waits for it; the passes stay the same.',
  sampled_ref_logp:
    'The base reads each batch once it is sampled: a forward pass and a read-back a step.',
  answers:
    'The model is made to answer after every token of each response: a forward pass of about 1.6 times the rows. With nano and 8 × 8 responses on a software adapter a step took 1.41 times the processor time of a plain one.',
  hint_entropy:
    'Each response is read again with the answer in its prompt: a forward pass. With nano and 8 × 8 responses on a software adapter a step took 1.46 times the processor time of a plain one.',
  latent: 'Kernels and memory for mixtures of tokens, in all arms.',
  value:
    'Parameters of a value head with their optimizer state, and a forward pass a step once the batch is sampled.',
};

/** Nothing where it asks for nothing. */
export const costsOf = ({ needs = [] }: { needs?: readonly Need[] }): string[] =>
  needs.map((need) => COSTS[need]);
