/** Terms that no metric and no method declares. Metrics, methods and settings explain themselves. */
import type { Entry } from './entries.ts';

const TEX = String.raw;

export const OWN: readonly Entry[] = [
  {
    id: 'kernel',
    term: 'kernel',
    words: ['kernels'],
    text: 'A small program that the graphics card runs on thousands of numbers at once. A training step launches a few dozen of them.',
    expect:
      'Some exist in families that compute the same and differ in how threads get numbers from memory: separate loads (alone), shared loads (quad) or staged loads. The page measures which is fastest here.',
  },
  {
    id: 'token',
    term: 'token',
    words: ['tokens'],
    text: 'The smallest piece of text the model reads or writes; here one character, such as a digit or an answer mark.',
    expect: 'A response is a row of tokens, each drawn at random from the model’s probabilities.',
  },
  {
    id: 'policy',
    term: 'policy',
    text: 'The model, seen as a rule for acting: for everything written so far it gives each possible next token a probability.',
    formula: TEX`\pi_\theta(a_t \mid s_t) = \operatorname{softmax}(z_t)_{a_t}`,
    expect:
      'Training changes the weights θ, and with them these probabilities, a little at every step.',
  },
  {
    id: 'rollout',
    term: 'rollout',
    words: ['rollouts', 'response', 'responses'],
    text: 'One response, sampled token by token until the end token: what the policy does when nobody helps it.',
    formula: TEX`a_t \sim \pi_\theta(\cdot \mid s_t),\quad t = 1, 2, \ldots \text{ until EOS}`,
    expect:
      'The same prompt gives different responses. That difference is all that reinforcement learning has to learn from.',
  },
  {
    id: 'latent_position',
    term: 'latent position',
    words: ['latent positions'],
    text: 'A position of a response at which no token is drawn: the model reads on from a mixture of all tokens, the sum of their embeddings weighted by shares. The verifier does not read it.',
    formula: TEX`x_{t+1} = \sum_k y_k E_k,\quad y = \operatorname{softmax}\frac{\log\pi + g}{\tau}`,
    expect:
      'With Gumbel noise g each response to a prompt begins with mixtures of its own; without it all begin alike. A small τ makes a mixture nearly one token.',
  },
  {
    id: 'eos',
    term: 'EOS',
    words: ['end token', 'P(end)', 'P(EOS)'],
    text: 'The token that ends a response, drawn like any other. P(end), in papers P(EOS), is its probability at a position.',
    expect:
      'Pay for entropy everywhere and rare tokens gain probability, this one among them: responses end before they answer.',
  },
  {
    id: 'group',
    term: 'group',
    words: ['groups'],
    text: 'The G responses to one and the same prompt. Most algorithms judge each against the others of its group.',
    formula: TEX`R_1, \ldots, R_G \;\text{ of one prompt}`,
    expect:
      'Where all are right or all are wrong there is nothing to compare: the advantage is 0 and the policy term teaches nothing.',
  },
  {
    id: 'advantage',
    term: 'advantage',
    words: ['advantages'],
    text: 'How much better a response did than was to be expected; in GRPO, than the others of its group. Above 0 its tokens become likelier, below 0 less likely.',
    formula: TEX`A_i = \frac{R_i - \operatorname{mean}(R)}{\operatorname{std}(R) + 10^{-6}}`,
    expect:
      'In GRPO it sums to 0 within a group, and a rare right answer among wrong ones gets a large one.',
  },
  {
    id: 'value_head',
    term: 'value head',
    words: ['critic'],
    text: 'One more output of the model: the reward it expects from here on. PPO judges a token by how this outlook changes, instead of comparing responses.',
    formula: TEX`V(s_t) = w \cdot h_t + b`,
    expect:
      'It begins at 0 and knows nothing. Explained variance tells how much of the reward it foresees.',
  },
  {
    id: 'gae',
    term: 'GAE',
    words: ['generalized advantage estimation'],
    text: 'The advantage of PPO: by how much the value head’s outlook improved after a token, and, fading with λ, after the tokens that follow.',
    formula: TEX`\hat A_t = \sum_{k \ge 0} (\gamma\lambda)^k \bigl(r_{t+k} + \gamma V(s_{t+k+1}) - V(s_{t+k})\bigr)`,
    expect:
      'Tokens of one response get different advantages. With λ = 1 and a head that knows nothing it is the reward alone.',
  },
  {
    id: 'verifier',
    term: 'verifier',
    words: ['verify'],
    text: 'A few lines of code that read the final answer and give the reward: 1 if it is right, else 0.',
    formula: TEX`R_i = \mathbf{1}[\text{answer right}]`,
    expect:
      'It does not look at the way there, nor at the length. What helps to be right is found by trying.',
  },
  {
    id: 'regularizer',
    term: 'regularizer',
    words: ['regularizers'],
    text: 'A term added to the loss beside the policy’s own, with a strength α. It is what the arms of an experiment usually differ in.',
    formula: TEX`L = L_\text{policy} + L_\text{regularizer}`,
    expect: 'Too weak, and one sees nothing. Too strong, and it decides instead of the reward.',
  },
  {
    id: 'matched_strength',
    term: 'matched strength',
    words: ['matched strengths', 'match strengths'],
    text: 'The coefficient at which a regularizer’s gradient on the base has a chosen share s of the policy gradient’s norm, in place of a number set by hand.',
    formula: TEX`\alpha = s \cdot \frac{\lVert g_\text{policy} \rVert}{\lVert g_\text{regularizer} \rVert}`,
    expect:
      'Arms push alike at the start, so what they push for makes the difference. Later the norms part again.',
  },
  {
    id: 'information_plane',
    term: 'information plane',
    text: 'A picture of responses by two numbers: what they tell about the answer, upwards, and what they keep of the prompt, to the right.',
    formula: TEX`\bigl(I(q; r),\; I(r; a)\bigr)`,
    expect:
      'An information bottleneck would go up without going right. The estimate to the right is too low and bounded by the number of prompts.',
  },
  {
    id: 'ib',
    term: 'IB',
    words: ['information bottleneck'],
    text: 'Information-bottleneck regularization: entropy weighed by the advantage. Tokens of good responses are paid for it, tokens of bad ones charged.',
    formula: TEX`-\alpha\, \operatorname{mean}_t(A_t H_t)`,
    expect:
      'Its weights have both signs and nearly cancel, so it pushes entropy little. In this toy it is not better than no regularizer, and at strength 1 it breaks, too.',
  },
  {
    id: 'naive_entropy',
    term: 'naive entropy',
    words: ['naive bonus', 'naive'],
    text: 'The plain entropy bonus: every token is paid for being uncertain, whatever came of it.',
    formula: TEX`-\alpha\, \operatorname{mean}_t(H_t)`,
    expect:
      'Once groups agree, the policy term is silent and the bonus is not. At large α entropy explodes; below about 0.05 nothing visible happens.',
  },
  {
    id: 'kl',
    term: 'KL',
    words: ['KL divergence'],
    text: 'Kullback-Leibler divergence: how far one distribution is from another, in nats; 0 only where they are equal.',
    formula: TEX`D_{\mathrm{KL}}(\pi \,\|\, \pi_\text{base}) = \sum_a \pi(a) \log\frac{\pi(a)}{\pi_\text{base}(a)}`,
    expect: 'It grows as the policy leaves the base. Learning needs some of it.',
  },
  {
    id: 'ratio',
    term: 'ratio',
    text: 'The probability of a sampled token now, divided by its probability when it was sampled.',
    formula: TEX`\rho_t = \frac{\pi_\theta(a_t \mid s_t)}{\pi_{\text{old}}(a_t \mid s_t)}`,
    expect:
      'Exactly 1 at the first update of a batch. It leaves 1 only when a batch is used more than once.',
  },
  {
    id: 'clip',
    term: 'clip',
    words: ['clip higher', 'clipped'],
    text: 'Stops pushing a token once its ratio has left a window around 1, so that one batch cannot move the policy too far.',
    formula: TEX`\operatorname{clip}(\rho_t,\, 1-\varepsilon_\text{low},\, 1+\varepsilon_\text{high})`,
    expect: 'With one update per batch it never acts. Clip higher makes the upper side wider.',
  },
  {
    id: 'minibatch',
    term: 'minibatch',
    words: ['minibatches', 'epochs', 'epoch'],
    text: 'A part of a step’s responses, used for one update. An epoch goes through all parts once.',
    expect:
      'More of them make more updates from the same responses, and let the policy move away from the one that sampled.',
  },
  {
    id: 'gradient',
    term: 'gradient',
    text: 'The direction in which the loss grows fastest; an update goes the other way.',
    formula: TEX`g = \nabla_\theta L`,
    expect:
      'Equal coefficients are not equal pressure: compare the norms of the gradients, not the α.',
  },
  {
    id: 'base',
    term: 'base',
    words: ['base model'],
    text: 'The weights that every arm and seed starts from: a small model that has imitated worked examples, slips included.',
    expect:
      'It is right a few times in ten at most, so there is much to learn and something to learn from.',
  },
  {
    id: 'arm',
    term: 'arm',
    words: ['arms'],
    text: 'One side of the comparison: a method with its settings. All arms start from the same weights and see the same prompts.',
    expect:
      'What differs between the curves comes from the method, up to chance; seeds tell how much chance there is.',
  },
  {
    id: 'seed',
    term: 'seed',
    words: ['seeds'],
    text: 'The number from which all randomness of a run follows. Each arm runs once per seed.',
    expect:
      'The same seed on the same adapter gives the same bits. One seed alone says nothing about chance.',
  },
  {
    id: 'band',
    term: 't-interval',
    words: ['band'],
    text: 'The band around a mean over n seeds that would hold the true mean in 95 of 100 such experiments.',
    formula: TEX`\bar x \pm t_{0.975,\,n-1}\, \frac{s}{\sqrt{n}}`,
    expect:
      'With 3 seeds it is wide. Where the interval of a difference contains 0, the arms cannot be told apart yet.',
  },
  {
    id: 'held_out',
    term: 'held-out',
    text: 'Problems that training never sees, chosen by a fixed rule and the same for all arms, seeds and times.',
    expect: 'Progress on them is skill, not memory.',
  },
  {
    id: 'nat',
    term: 'nat',
    words: ['nats'],
    text: 'The unit of entropy with the natural logarithm; 1 nat is 1.44 bits.',
    formula: TEX`H \le \ln V`,
    expect:
      '0 is certainty, the logarithm of the vocabulary’s size pure guessing: 2.71 with the chain sum’s 15 tokens, 2.56 with the 13 of guess or think.',
  },
  {
    id: 'collapse',
    term: 'entropy collapse',
    words: ['collapse', 'collapses'],
    text: 'Entropy falls to almost 0: the policy gives the same response every time.',
    expect:
      'Harmless in the chain sum, where nothing better is left to find; costly in guess or think, where a shortcut is found first.',
  },
  {
    id: 'logit',
    term: 'logit',
    words: ['logits'],
    text: 'The model’s raw score of a possible next token, before softmax turns scores into probabilities.',
    formula: TEX`p_j = \frac{e^{z_j}}{\sum_k e^{z_k}}`,
    expect: 'Everything a loss does to the model passes through these numbers.',
  },
  {
    id: 'slow_motion',
    term: 'slow motion',
    text: 'One step of all arms of a seed, shown in five phases on one group of responses: sample, verify, advantage, weigh, update.',
    expect:
      'Every number is the engine’s own, from the step it has just taken. Training goes on as it would have.',
  },
  {
    id: 'step',
    term: 'step',
    words: ['steps'],
    text: 'Sample a batch of responses, verify them, turn rewards into advantages, update the weights, measure.',
    expect: 'Curves have one point a step; held-out metrics one an evaluation.',
  },
];
