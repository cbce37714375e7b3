/** The stations of the tour, in order: what each is called and which part of the page it points at. */
import { ASKED, type Asked } from './scale.ts';

export interface Station {
  id: 'welcome' | 'rollout' | 'entropy' | 'arms' | 'predict' | 'run' | 'compare' | 'why' | 'end';
  title: string;
  /** Selectors of what is outlined; the first that is on the page. */
  target: readonly string[];
  metric?: Asked;
}

const QUESTIONS: Record<Asked, string> = {
  eval_accuracy: 'Predict: accuracy',
  entropy: 'Predict: entropy',
  response_length: 'Predict: response length',
};

export const STATIONS: readonly Station[] = [
  { id: 'welcome', title: 'Five minutes on the live page', target: ['.story'] },
  {
    id: 'rollout',
    title: 'What a rollout is',
    target: ['section[aria-labelledby="responses-title"]'],
  },
  { id: 'entropy', title: 'What entropy is', target: ['[data-metric="entropy"]'] },
  {
    id: 'arms',
    title: 'What each arm is paid for',
    target: ['section[aria-labelledby="arms-title"]', '.keys'],
  },
  ...ASKED.map(
    (metric): Station => ({
      id: 'predict',
      title: QUESTIONS[metric],
      target: [`[data-metric="${metric}"]`],
      metric,
    }),
  ),
  { id: 'run', title: 'Run it', target: ['.transport'] },
  { id: 'compare', title: 'Compare', target: ['.charts-large'] },
  {
    id: 'why',
    title: 'Why a naive bonus can end responses early',
    target: ['[data-metric="p_eos"]', '.charts-large'],
  },
  { id: 'end', title: 'What it does not show', target: ['.story'] },
];
