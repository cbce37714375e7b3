/**
 * One group of responses of a step, read before its updates, as its update takes it, and after. It is read as in
 * inspect.ts, so that training keeps its bits.
 */
import type { InspectedResponse, ResponseInspection } from '../core/inspection.ts';
import type { Values } from '../core/param.ts';
import type { MethodUse, SlowArm, SlowReading, SlowResponse } from '../core/slow_step.ts';
import { groups, responses as rangesOf } from '../core/token_batch.ts';
import { fieldsOf } from '../methods/compose.ts';
import { isTerm, type Method } from '../methods/method.ts';
import type { TrainingSequence } from '../model/batch.ts';
import type { Inspector, TermRequest } from './inspect.ts';
import type { Learned, Run, Witness } from './run.ts';
import type { StepBatch } from './run_parts.ts';
import type { Judged } from './sampling.ts';

/** A look that has begun: the parameters before the step have been read. */
export interface SlowLook {
  /** Of the group. */
  prompt: readonly number[];
  /** For `run.learn`. */
  witness: Witness;
  /** Once the step's updates are done. */
  finish(learned: Learned): Promise<SlowArm>;
}

/** @param prompt the group to look at, where the batch has it; else one whose rewards differ, else the first */
export async function lookAt(
  inspector: Inspector,
  run: Run,
  batch: StepBatch,
  prompt: readonly number[] | undefined,
): Promise<SlowLook> {
  const { methods, policy, composed } = run.parts;
  const settings = { ...run.settings };
  const temperature = run.setting('trainer.temperature');
  const { from, to } = chosenGroup(batch, prompt);
  const group = batch.responses.slice(from, to);
  const terms = termsOf(methods, settings);
  const [nothing, prepared] = await Promise.all([inspector.prepare([]), inspector.prepare(terms)]);
  const plain = group.map((r): InspectedResponse => {
    const { prompt, tokens, logp, mixtures } = r;
    return {
      ...{ prompt, tokens: [...tokens], logp: [...logp], advantage: 0 },
      mixtures: mixtures?.map((y) => [...y]),
    };
  });
  const read = () => settled(inspector.measure(policy, nothing, plain, temperature));
  const before = read();
  /** By place in the group: one that was thinned may be parted among minibatches. */
  const during: Promise<ResponseInspection>[] = [];
  const weights: number[] = [];
  return {
    prompt: (group[0] as Judged).prompt,
    witness(minibatch, sequences) {
      const places = minibatch.map((i) => i - from);
      const isOwn = (_: unknown, at: number): boolean => group[places[at] as number] !== undefined;
      const own = sequences.filter(isOwn);
      if (own.length === 0) return;
      const tokens = sequences.reduce((sum, s) => sum + s.response.length, 0);
      const taken = own.map((sequence) => asTaken(sequence, composed.columns));
      const seen = settled(inspector.measure(policy, prepared, taken, temperature));
      places.filter(isOwn).forEach((place, k) => {
        weights[place] = (own[k] as TrainingSequence).weight * tokens;
        during[place] = settled(seen.then((all) => all[k] as ResponseInspection));
      });
    },
    async finish({ updates }) {
      const [was, seen, is] = await Promise.all([before, Promise.all(during), read()]);
      const responses = group.map((r, i) =>
        responseOf(r, batch, from + i, {
          weight: weights[i] as number,
          before: was[i] as ResponseInspection,
          during: seen[i] as ResponseInspection,
          after: is[i] as ResponseInspection,
        }),
      );
      return {
        ...factsOf(run, batch, group[0] as Judged, settings),
        terms: terms.map(used),
        updates,
        responses,
      };
    },
  };
}

interface Readings {
  weight: number;
  before: ResponseInspection;
  during: ResponseInspection;
  after: ResponseInspection;
}

function responseOf(
  r: Judged,
  { tokens }: StepBatch,
  number: number,
  { weight, before, during, after }: Readings,
): SlowResponse {
  const { from, to } = rangesOf(tokens)[number] as { from: number; to: number };
  return {
    tokens: [...r.tokens],
    logp: [...r.logp],
    entropy: [...r.entropy],
    ...(r.mixtures && { mixtures: r.mixtures.map((y) => [...y]) }),
    task_reward: r.verdict.reward,
    reward: tokens.reward[number] as number,
    correct: r.verdict.correct,
    reason: r.verdict.reason,
    estimate: [...tokens.estimate.subarray(from, to)],
    advantage: [...tokens.advantage.subarray(from, to)],
    weight,
    terms: during.terms.map(({ d_logp, d_entropy, bound }) => ({
      d_logp: [...d_logp],
      d_entropy: [...d_entropy],
      bound: [...bound],
    })),
    before: reading(before),
    after: reading(after),
  };
}

function factsOf({ arm, parts }: Run, batch: StepBatch, first: Judged, settings: Values) {
  const ofStage = (stage: Method['stage']) => parts.methods.filter((m) => m.stage === stage);
  return {
    arm,
    prompt: [...first.prompt],
    answer: parts.task.solve(first.problem),
    learned: batch.responses.length,
    advantage: settingsOf(ofStage('advantage')[0] as Method, settings),
    shapes: ofStage('shape').map(({ id }) => id),
    rewards: ofStage('reward').map(({ id }) => id),
  };
}

const used = ({ method, values }: TermRequest): MethodUse => ({ method: method.id, values });

/** Of the prompt asked for, else the first one whose rewards differ, else the first. */
function chosenGroup(batch: StepBatch, prompt: readonly number[] | undefined) {
  const all = groups(batch.tokens);
  const promptAt = (at: number) => (batch.responses[at] as Judged).prompt.join();
  const same = prompt && all.find(({ from }) => promptAt(from) === prompt.join());
  const differs = all.find(({ from, to }) => {
    return new Set(batch.tokens.reward.subarray(from, to)).size > 1;
  });
  return (same ?? differs ?? all[0]) as { from: number; to: number };
}

function termsOf(methods: readonly Method[], settings: Values): TermRequest[] {
  const weights = methods.filter((m) => m.stage === 'weight');
  const terms = methods.filter(isTerm).map((method) => ({
    method,
    values: settingsOf(method, settings).values,
    weights: method.stage === 'objective' ? weights : [],
  }));
  const rank = ({ method }: TermRequest) => Number(method.stage !== 'objective');
  return terms.sort((a, b) => rank(a) - rank(b));
}

function settingsOf(method: Method, settings: Values): MethodUse {
  const names = fieldsOf(method).map((field) => `${method.id}.${field}`);
  return {
    method: method.id,
    values: Object.fromEntries(names.map((name) => [name, settings[name] as number])),
  };
}

/** A response as its update takes it, its constants by column. */
export function asTaken(
  sequence: TrainingSequence,
  columns: readonly string[],
): InspectedResponse & { constants: Record<string, number[]> } {
  const { prompt, response, old_logp, advantage, mixtures, constants = [] } = sequence;
  const K = columns.length;
  return {
    prompt: Array.from(prompt),
    tokens: Array.from(response),
    logp: Array.from(old_logp),
    advantage: typeof advantage === 'number' ? advantage : Array.from(advantage),
    mixtures: mixtures?.map((y) => Array.from(y)),
    constants: Object.fromEntries(
      columns.map((column, c) => [
        column,
        Array.from({ length: response.length }, (_, t) => constants[K * t + c] as number),
      ]),
    ),
  };
}

function reading({ logp, entropy, p_eos }: ResponseInspection): SlowReading {
  return { logp: [...logp], entropy: [...entropy], p_eos: [...p_eos] };
}

/** A promise that is awaited later, whose failure must not count as nobody's. */
function settled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
