/** What the fill of a token may mean. Pure. */
import type { Gain } from '../../core/gain_profile.ts';
import type { AnswerReadings } from '../../core/inspection.ts';
import type { ResponseSample } from '../../worker/protocol.ts';

/** For each shown sample what the engine says of its arm's whole loss, [tokens] each. */
export interface Coefficient {
  /** What it pays per nat of entropy. */
  entropy: ArrayLike<number>;
  /** What it pays per nat of the taken token's log-probability. */
  taken: ArrayLike<number>;
  /** Readings of the answer before each token, where they were asked for; shorter than the response. */
  answers?: AnswerReadings;
}

export type Coefficients = ReadonlyMap<ResponseSample, Coefficient>;

export interface Tint {
  id: string;
  label: string;
  /** For a learner, in one sentence. */
  help: string;
  unit: string;
  /** Values of both signs: up is solid from below, down is hatched from above. */
  isSigned: boolean;
  /** Value of a full token; `ln V` where undefined. */
  full?: number;
  /** Known only after the engine has looked at the responses: at the loss, or at what each prefix says of the answer. */
  needs?: 'loss' | 'answers';
  /** What it shows of the readings of the answer. */
  gain?: Gain;
  /** Undefined where not known yet. */
  at(sample: ResponseSample, position: number, coefficients: Coefficients): number | undefined;
}

export const TINTS: readonly Tint[] = [
  {
    id: 'entropy',
    label: 'entropy H',
    help: 'How undecided the model was before this token.',
    unit: 'nats',
    isSigned: false,
    at: (sample, t) => sample.entropy[t],
  },
  {
    id: 'advantage',
    label: 'advantage A',
    help: 'How much better this response did than its group; the same for all of its tokens.',
    unit: '',
    isSigned: true,
    full: 2,
    at: (sample) => sample.advantage,
  },
  {
    id: 'ah',
    label: 'A × H',
    help: 'What IB pays a token for: positive where a good response was undecided, negative where a bad one was.',
    unit: 'nats',
    isSigned: true,
    full: 2,
    at: (sample, t) => sample.advantage * (sample.entropy[t] as number),
  },
  {
    id: 'p_eos',
    label: 'P(end)',
    help: 'The chance to end the response at this token.',
    unit: '',
    isSigned: false,
    full: 1,
    at: (sample, t) => sample.p_eos[t],
  },
  {
    id: 'coefficient',
    label: 'pay for entropy',
    help: 'What the arm’s regularizers pay this token for each nat of entropy, as the engine computes it under the model of now.',
    unit: '1/nat',
    isSigned: true,
    full: 0.5,
    needs: 'loss',
    at: (sample, t, coefficients) => coefficients.get(sample)?.entropy[t],
  },
  {
    id: 'taken',
    label: 'pay for the token',
    help: 'What the arm’s loss pays for a higher log-probability of this token, as the engine computes it under the model of now: the advantage, where no clip holds it.',
    unit: '1/nat',
    isSigned: true,
    full: 2,
    needs: 'loss',
    at: (sample, t, coefficients) => coefficients.get(sample)?.taken[t],
  },
  {
    id: 'gain',
    label: 'tells about the answer',
    help: 'Nats that this token takes off the answer’s entropy: how much surer the model of now would be if it had to answer right after it rather than right before.',
    unit: 'nats',
    isSigned: true,
    full: 2,
    needs: 'answers',
    gain: 'entropy',
    at: (sample, t, coefficients) => rise(coefficients.get(sample)?.answers?.entropy, t, -1),
  },
  {
    id: 'gain_right',
    label: 'tells the right answer',
    help: 'Nats that this token adds to the log-probability of the right answer, if the model of now had to answer right after it rather than right before.',
    unit: 'nats',
    isSigned: true,
    full: 4,
    needs: 'answers',
    gain: 'logp',
    at: (sample, t, coefficients) => rise(coefficients.get(sample)?.answers?.logp, t, 1),
  },
];

/** By how much values[t + 1] exceeds values[t], times the sign; nothing past the reasoning. */
function rise(values: Float32Array | undefined, t: number, sign: number): number | undefined {
  const [now, next] = [values?.[t], values?.[t + 1]];
  return now === undefined || next === undefined ? undefined : sign * (next - now);
}

export interface Fill {
  /** [0, 1] share of the token's height. */
  height: number;
  /** [0, 1] how strong its color. */
  strength: number;
  sign: 'plain' | 'plus' | 'minus';
}

/** Small values matter most: a square root spreads them. */
export function fillOf(value: number | undefined, full: number, isSigned: boolean): Fill {
  const share = Math.min(1, Math.abs(value ?? 0) / full);
  const height = Math.sqrt(Number.isFinite(share) ? share : 0);
  const strength = 0.35 + 0.35 * (Number.isFinite(share) ? share : 0);
  const sign = isSigned ? ((value ?? 0) < 0 ? 'minus' : 'plus') : 'plain';
  return { height, strength, sign };
}

export type Show = 'all' | 'right' | 'wrong';
export type Order = 'sampled' | 'shortest' | 'longest';

/** Samples with their place in the group, as they are to be shown. */
export function arranged(
  samples: readonly ResponseSample[],
  show: Show,
  order: Order,
): { sample: ResponseSample; place: number }[] {
  const shown = samples
    .map((sample, place) => ({ sample, place }))
    .filter(({ sample }) => show === 'all' || sample.correct === (show === 'right'));
  if (order === 'sampled') return shown;
  const sign = order === 'shortest' ? 1 : -1;
  // Ties stay as sampled.
  return shown.sort((a, b) => sign * (a.sample.tokens.length - b.sample.tokens.length));
}
