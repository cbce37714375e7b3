/** A step's profile on the user's own adapter: of the open experiment, or of a small model where none is open. */
import type { Experiment } from '../core/experiment.ts';
import { modelConfig } from '../core/model_config.ts';
import { defaultsOf } from '../core/param.ts';
import type { ProfileReport } from '../core/profile.ts';
import { Random } from '../core/random.ts';
import { TRAINER_PARAMS } from '../core/settings.ts';
import { higher, measureCeiling } from '../gpu/ceiling.ts';
import type { OpenedDevice } from '../gpu/device.ts';
import { heldBytes } from '../gpu/memory.ts';
import { createStopwatch } from '../gpu/timing.ts';
import { composeMethods } from '../methods/compose.ts';
import { METHODS } from '../methods/index.ts';
import type { Method } from '../methods/method.ts';
import { cutByRows, packBatch, type TrainingSequence } from '../model/batch.ts';
import { Engine, type Loss, type Policy } from '../model/engine.ts';
import { initialParameters } from '../model/init.ts';
import { engineBytes, lossBytes, policyBytes } from '../model/memory.ts';
import { fallbacksOf, profileStep } from '../model/profile.ts';
import { knowsQuads } from '../model/tiles.ts';
import { TASKS } from '../tasks/index.ts';
import type { Task } from '../tasks/task.ts';
import { TYPICAL_LENGTH, TYPICAL_PROMPT } from './estimate.ts';
import { predictedBytes } from './memory.ts';
import type { Session } from './session.ts';
import { chooseSizes } from './sizes.ts';

/** What is profiled, and how it came to be. */
interface Subject {
  engine: Engine;
  policy: Policy;
  loss: Loss;
  model: string;
  sequences: TrainingSequence[];
  promised: number;
  /** Held by others on the same device. */
  besides: number;
  release(): void;
}

/**
 * Nothing else may use the engine meanwhile.
 * @param session none, or one whose runs stand still
 */
export async function profileReport(
  opened: OpenedDevice,
  session: Session | undefined,
): Promise<ProfileReport> {
  const { device, vendor, architecture, description, software } = opened;
  const subject = session ? ofSession(session) : await ofDefault(opened);
  const { engine, sequences } = subject;
  try {
    const held = heldBytes(device) - subject.besides;
    // The part of the batch that goes through in one pass.
    const [part = []] = cutByRows(sequences, engine.workspace.sizes.rows);
    const batch = packBatch(part);
    const stopwatch = await createStopwatch(device);
    const before = await measureCeiling(device, stopwatch);
    const profiled = await profileStep(engine, subject, batch, stopwatch);
    return {
      adapter: description || [vendor, architecture].join(' ').trim(),
      ...{ software, how: stopwatch.how, model: subject.model },
      batch: { sequences: part.length, rows: batch.N },
      fallbacks: fallbacksOf(device, await knowsQuads(device), [
        ...engine.notes,
        subject.loss.note,
      ]),
      ...profiled,
      ceiling: higher(before, await measureCeiling(device, stopwatch)),
      memory: { promised: subject.promised, held },
    };
  } finally {
    subject.release();
  }
}

function ofSession(session: Session): Subject {
  const { experiment, task, engine, runs } = session;
  const run = runs[0];
  if (!run) throw new RangeError('profile: the experiment must have a run, got none');
  const arm = experiment.arms.find(({ id }) => id === run.arm);
  const sizes = engine.workspace.sizes;
  run.sendValues();
  return {
    ...{ engine, policy: run.parts.policy, loss: run.parts.loss },
    model: `${nameOf(experiment.model, task)}, arm “${arm?.name ?? run.arm}”`,
    sequences: typicalBatch(task, run.settings),
    promised: predictedBytes(experiment, task, sizes),
    ...{ besides: 0, release: () => {} },
  };
}

async function ofDefault({ device, software }: OpenedDevice): Promise<Subject> {
  const task = TASKS.get('chain_sum') as Task;
  const values = { ...defaultsOf('trainer', TRAINER_PARAMS), ...defaultsOf(task.id, task.params) };
  if (software) values['trainer.prompts'] = 16;
  const config = modelConfig('nano', task.vocabulary.length);
  const sizes = chooseSizes(config, task, values, device.limits, software);
  const besides = heldBytes(device);
  const engine = await Engine.create(device, config, task.eos, sizes);
  const policy = engine.createPolicy(initialParameters(engine.layout, 0));
  const composed = composeMethods([METHODS.get('ppo_clip') as Method]);
  const loss = await engine.createLoss(composed).catch((error) => {
    engine.destroy();
    throw error;
  });
  engine.setValues(loss, [0.2, 0.28, 3]);
  const { layout } = engine;
  return {
    ...{ engine, policy, loss, besides },
    model: `${nameOf('nano', task)}, no experiment open`,
    sequences: typicalBatch(task, values),
    promised: engineBytes(layout, sizes) + policyBytes(layout) + lossBytes(composed, sizes),
    release() {
      engine.destroyPolicy(policy);
      engine.destroy();
    },
  };
}

function nameOf(model: Experiment['model'], task: Task): string {
  const { n_layer, n_embd } = modelConfig(model, task.vocabulary.length);
  return `${model} (${n_layer} layers, ${n_embd} channels) on ${task.id}`;
}

/** Random tokens, as long as prompts and responses are between a base and a model that reasons. */
function typicalBatch(task: Task, values: Record<string, number>): TrainingSequence[] {
  const { prompt, response } = task.limits(values);
  const count = (values['trainer.prompts'] as number) * (values['trainer.group_size'] as number);
  const random = new Random(1);
  const tokens = (length: number): number[] =>
    Array.from({ length: Math.max(1, Math.round(length)) }, () =>
      random.integer(0, task.vocabulary.length - 1),
    );
  const sequences = Math.max(1, Math.round(count / (values['trainer.minibatches'] ?? 1)));
  return Array.from({ length: sequences }, () => {
    const written = tokens(TYPICAL_LENGTH * response);
    return {
      ...{ prompt: tokens(TYPICAL_PROMPT * prompt), response: written },
      ...{ weight: 1 / (sequences * written.length), advantage: random.normal() },
      old_logp: Array(written.length).fill(-Math.log(task.vocabulary.length)),
    };
  });
}
