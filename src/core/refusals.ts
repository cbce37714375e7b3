/**
 * What an experiment asks for that its task or its sizes cannot give: refused before anything is allocated, by the page
 * and by the command line alike, with the reason and what to change. Hints have a file of their own (core/hints.ts).
 */
import { activeMethods, type Catalog, type CatalogMethod } from './catalog.ts';
import { type Arm, armValues, type Experiment } from './experiment.ts';
import { TRAINER_PARAMS } from './settings.ts';

export interface Refusal {
  /** Whose it is; undefined: of what all arms share. */
  arm?: string;
  /** Full name of a setting, or the id of a method. */
  at: string;
  /** Why, and what to change, in words of the page. */
  text: string;
}

/** Of what all arms share, then of every enabled arm. */
export function refusalsOf(experiment: Experiment, catalog: Catalog): Refusal[] {
  const arms = experiment.arms.filter(({ enabled }) => enabled);
  const M = whyTooManyPrompts(experiment);
  return [
    ...(M ? [{ at: 'trainer.information_prompts', text: M }] : []),
    ...arms.flatMap((arm) =>
      activeMethods(experiment, arm, catalog.methods).flatMap((method): Refusal[] => {
        const text =
          whyNoAnswers(method, experiment, catalog) ??
          whyTooLatent(method, arm, experiment, catalog);
        return text ? [{ arm: arm.id, at: method.id, text }] : [];
      }),
    ),
  ];
}

/** The first of them as a message; undefined where there is none. */
export function refusalProblem(experiment: Experiment, catalog: Catalog): string | undefined {
  const [first] = refusalsOf(experiment, catalog);
  if (!first) return undefined;
  const { arm, at, text } = first;
  return arm === undefined ? `${at}: ${text}` : `arm.${arm}.methods: ${at} cannot run. ${text}`;
}

/** Scored under more prompts than there are, some would count twice: another estimate. */
function whyTooManyPrompts({ values }: Experiment): string | undefined {
  const [M, most] = [values['trainer.information_prompts'], values['trainer.eval_prompts']];
  if (!values['trainer.information'] || (M as number) <= (most as number)) return undefined;
  return `A response can be scored under each held-out prompt once: must be at most ${most}, got ${M}; lower it, or raise “${TRAINER_PARAMS.eval_prompts.label}”.`;
}

function whyNoAnswers(
  { needs }: CatalogMethod,
  { task }: Experiment,
  { tasks }: Catalog,
): string | undefined {
  const found = tasks.get(task);
  if (!needs?.includes('answers') || found?.answer) return undefined;
  const can = [...tasks.values()].filter(({ answer }) => answer).map((t) => t.label ?? t.id);
  return `It reads what a response tells about the answer, token by token, and the answers of the task “${found?.label ?? task}” are longer than one token; choose the task “${can.join('” or “')}”.`;
}

function whyTooLatent(
  method: CatalogMethod,
  arm: Arm,
  experiment: Experiment,
  { tasks }: Catalog,
): string | undefined {
  const positions = method.latent?.(armValues(experiment, arm))?.positions ?? 0;
  const task = tasks.get(experiment.task);
  const longest = task?.limits?.(experiment.values).response ?? Number.POSITIVE_INFINITY;
  if (positions < longest) return undefined;
  return `Nothing could be answered: latent positions must be fewer than the ${longest} tokens of the longest response, got ${positions}; lower them, or allow longer responses in the settings of the task “${task?.label ?? experiment.task}”.`;
}
