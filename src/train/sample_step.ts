/** What one step learns from: samples its responses, judges them, and credits their tokens, as the arm's methods ask. */
import { STREAM } from '../core/random.ts';
import { mean } from '../core/statistics.ts';
import { responses as rangesOf, type TokenBatch } from '../core/token_batch.ts';
import { answerOf, readAnswers, withAnswers } from './answers.ts';
import { withValues } from './critic.ts';
import { withExtra } from './extra.ts';
import { withHints } from './hints.ts';
import { withReference } from './reference.ts';
import { sampleRounds } from './rounds.ts';
import type { RunView, StepBatch } from './run_parts.ts';
import type { Judged } from './sampling.ts';
import { credit, rewarded, tokenBatchOf } from './stages.ts';

/** The responses of a step, sampled from the parameters as the queue will have them, after all stages of the step. */
export async function sampleStep(run: RunView, step: number): Promise<StepBatch> {
  const { engine, policy, base, task, methods, composed, seed } = run.parts;
  const groupSize = run.setting('trainer.group_size');
  const facts = (judged: Judged[]): TokenBatch =>
    tokenBatchOf(judged, {
      groupSize,
      maxResponse: engine.workspace.sizes.response,
      progress: Math.min(1, step / run.setting('trainer.steps')),
      counter: [seed, STREAM.method, step],
    });
  const { first, kept, sampled } = await sampleRounds(engine, policy, task, {
    ...{ groupSize, seed, step, methods, values: run.settings, facts },
    prompts: run.setting('trainer.prompts'),
    temperature: run.setting('trainer.temperature'),
  });
  const judge = async (judged: Judged[]): Promise<TokenBatch> => {
    const temperature = run.setting('trainer.temperature');
    let known = facts(judged);
    if (composed.needs.has('answers')) {
      const { right } = answerOf(task);
      const asked = judged.map((r) => ({ ...r, right: right(r.problem) }));
      known = withAnswers(known, await readAnswers(engine, policy, task, asked, temperature));
    }
    if (composed.needs.has('hint_entropy')) {
      known = await withHints({ engine, policy, task, temperature }, judged, known);
    }
    if (!composed.needs.has('sampled_ref_logp')) return known;
    return withReference({ engine, base, temperature }, judged, known);
  };
  const credited = async (judged: Judged[]): Promise<TokenBatch> => {
    const known = await judge(judged);
    const { hasValue } = policy.layout;
    const valued = hasValue ? await withValues(engine, policy, judged, known) : known;
    return credit(methods, valued, run.settings);
  };
  const own = { judged: kept, tokens: await credited(kept) };
  const method = methods.find((m) => m.stage === 'sampling');
  const { judged, tokens, ...extra } = method?.extra
    ? await withExtra(own, {
        ...{ engine, policy, task, method, values: run.settings, groupSize, seed, step, sampled },
        credit: credited,
      })
    : { ...own, sampled: 0 };
  const advantages = Float32Array.from(rangesOf(tokens), ({ from, to }) =>
    mean(tokens.advantage.subarray(from, to)),
  );
  const { reward } =
    first === kept ? own.tokens : rewarded(methods, await judge(first), run.settings);
  return {
    ...{ responses: judged, tokens, advantages, measured: first, rewards: reward },
    sampled: sampled + extra.sampled,
  };
}
