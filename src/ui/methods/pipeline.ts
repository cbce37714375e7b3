/** The stages of a step in the words of the page, in their order, and what can be found in them. */
import { METHODS } from '../../methods/index.ts';
import type { Method } from '../../methods/method.ts';

export interface StageInfo {
  stage: Method['stage'];
  name: string;
  /** What a method of this stage does. */
  does: string;
}

export const PIPELINE: readonly StageInfo[] = [
  {
    stage: 'sampling',
    name: 'Sampling',
    does: 'choose how responses are sampled, and which prompts are learned from',
  },
  { stage: 'reward', name: 'Reward', does: 'change what a response earns' },
  { stage: 'advantage', name: 'Advantage', does: 'turn rewards into advantages' },
  { stage: 'shape', name: 'Shape', does: 'change advantages token by token' },
  { stage: 'weight', name: 'Weight', does: 'let tokens count more, less or not at all' },
  { stage: 'objective', name: 'Objective', does: 'the loss that follows the advantage' },
  { stage: 'regularizer', name: 'Regularizer', does: 'add a term to the loss' },
];

export const FIDELITY: Readonly<Record<Method['fidelity'], { name: string; means: string }>> = {
  released: {
    name: 'As released',
    means: 'compared with numbers of the code that its authors, or verl, released.',
  },
  published: {
    name: 'As published',
    means: 'from the paper’s text; there was no code to compare with.',
  },
  style: {
    name: 'In the style of the paper',
    means: 'the idea is the paper’s, details that it leaves open are ours.',
  },
  own: { name: 'Our own', means: 'not the paper’s; the paper is where it comes from.' },
};

/** Methods by stage that hold all words of the query, those with the words in their name first. */
export function searchMethods(query: string): (StageInfo & { methods: Method[] })[] {
  const parts = query.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (text: string) => parts.every((part) => text.toLowerCase().includes(part));
  const nameOf = (method: Method) => `${method.label} ${method.id}`;
  const textOf = (method: Method) => {
    const { title, authors, year, url } = method.paper;
    const words = [
      nameOf(method),
      method.summary,
      method.pitfalls ?? '',
      title,
      authors,
      year,
      url,
    ];
    return words.join(' ');
  };
  return PIPELINE.map((info) => {
    const all = [...METHODS.values()].filter(({ stage }) => stage === info.stage);
    const named = all.filter((method) => holds(nameOf(method)));
    const others = all.filter((method) => !named.includes(method) && holds(textOf(method)));
    return { ...info, methods: [...named, ...others] };
  }).filter(({ methods }) => methods.length > 0);
}
