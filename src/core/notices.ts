/**
 * What is worth knowing about settings before a run: which of them can do nothing as things stand, and which are known to
 * break training. Facts are declared where the setting is (core/param.ts, methods/method.ts); nothing here knows a method.
 */
import {
  activeMethods,
  type Catalog,
  type CatalogMethod,
  conflictsOf,
  type Owner,
  TRAINER,
} from './catalog.ts';
import { type Arm, armValues, type Experiment } from './experiment.ts';
import { needsHints, whyNoHints } from './hints.ts';
import type { Param, Values, Warning } from './param.ts';
import { refusalsOf } from './refusals.ts';
import { isMatched } from './strength.ts';

export interface Notice {
  /** Whose it is; undefined: of what all arms share. */
  arm?: string;
  /** Full name of a setting, or the id of a method. */
  at: string;
  kind: 'conflict' | 'risk' | 'no effect';
  text: string;
}

/** Of the shared settings, then of every enabled arm's own; what cannot run at all comes first. */
export function noticesOf(experiment: Experiment, catalog: Catalog): Notice[] {
  const find = (ids: readonly string[]) =>
    ids.map((id) => catalog.methods.get(id)).filter((m) => m !== undefined);
  const shared: Owner[] = [TRAINER, ...find(experiment.methods)];
  const task = catalog.tasks.get(experiment.task);
  if (task) shared.push(task);
  const arms = experiment.arms.filter((arm) => arm.enabled);
  // What no arm takes part in says nothing.
  const used = new Set(arms.flatMap((arm) => activeMethods(experiment, arm, catalog.methods)));
  const isUsed = (owner: Owner) =>
    !catalog.methods.has(owner.id) || used.has(owner as CatalogMethod);
  const unread =
    experiment.values['trainer.information'] === 1 && task && !task.answer
      ? `On I(response; answer) and the plane: the answers of the task “${task.label ?? task.id}” are longer than one token. What responses keep of the prompt is measured.`
      : undefined;
  const refused = refusalsOf(experiment, catalog).filter(({ arm, at }) => {
    // Of a shared method that cannot run with an arm the message says so, where the experiment is opened.
    const own = experiment.arms.find(({ id }) => id === arm);
    return !own || own.methods.includes(at);
  });
  return [
    ...refused.map((refusal): Notice => ({ ...refusal, kind: 'conflict' })),
    ...(unread ? [{ at: 'trainer.information', kind: 'no effect' as const, text: unread }] : []),
    ...shared.filter(isUsed).flatMap((owner) => ofOwner(owner, experiment.values, experiment.task)),
    ...arms.flatMap((arm) => ofArm(experiment, arm, find(arm.methods), catalog)),
  ];
}

/** One line, for a terminal. */
export function noticeLine({ arm, at, kind, text }: Notice): string {
  return `${arm === undefined ? '' : `arm.${arm}.`}${at}: ${kind}. ${text}`;
}

function ofArm(
  experiment: Experiment,
  arm: Arm,
  methods: readonly CatalogMethod[],
  catalog: Catalog,
): Notice[] {
  const values = armValues(experiment, arm);
  const own = new Set(methods);
  const active = activeMethods(experiment, arm, catalog.methods);
  const conflicts = conflictsOf(active).flatMap(({ a, b, why }): Notice[] => {
    // Said at the arm's own method, or at the later one where both are.
    const [at, other] = own.has(b) ? [b, a] : [a, b];
    const text = `It does not go together with “${other.label ?? other.id}”. ${why}`;
    return own.has(at) ? [{ at: at.id, kind: 'conflict', text }] : [];
  });
  const unhinted = methods.filter(needsHints).flatMap(({ id }): Notice[] => {
    const text = whyNoHints(experiment, catalog);
    return text ? [{ at: id, kind: 'conflict', text }] : [];
  });
  const ofMethods = methods.flatMap((method) => ofOwner(method, values, experiment.task));
  const found = [...conflicts, ...unhinted, ...ofMethods];
  return found.map((notice) => ({ ...notice, arm: arm.id }));
}

function ofOwner(owner: Owner & Partial<CatalogMethod>, values: Values, task: string): Notice[] {
  const { id, params } = owner;
  // While strengths are matched, this setting is not used.
  const unused = owner.stage === 'regularizer' && isMatched(values) ? owner.strength : undefined;
  const updates = (values['trainer.epochs'] ?? 1) * minibatchesOf(values);
  const found: Notice[] = [];
  const say = (at: string, kind: Notice['kind'], text: string) => found.push({ at, kind, text });
  if (unused === undefined && isNeutral(owner, values))
    say(id, 'no effect', 'At these settings it changes nothing.');
  if (updates === 1 && owner.needs_reuse) say(id, 'no effect', owner.needs_reuse);
  if (updates > 1 && owner.breaks_on_reuse) say(id, 'risk', owner.breaks_on_reuse);
  if (values['trainer.group_size'] === 1 && owner.group_of_one) {
    say(id, 'no effect', owner.group_of_one);
  }
  for (const [name, param] of Object.entries(params)) {
    if (name === unused) continue;
    const key = `${id}.${name}`;
    const value = values[key] ?? param.default;
    const idle = whyIdle(owner, param, values);
    if (idle) {
      if (value !== param.default) say(key, 'no effect', idle);
      continue;
    }
    const warning = param.warns?.find((w) => (w.task ?? task) === task && holds(w, value, updates));
    if (warning) say(key, warning.kind ?? 'risk', warning.text);
  }
  if (
    id === TRAINER.id &&
    (values['trainer.minibatches'] ?? 1) > (values['trainer.prompts'] ?? 1)
  ) {
    say(
      'trainer.minibatches',
      'no effect',
      'A minibatch holds at least one prompt, so there are only as many as prompts.',
    );
  }
  return found;
}

const minibatchesOf = (values: Values): number =>
  Math.min(values['trainer.minibatches'] ?? 1, values['trainer.prompts'] ?? 1);

function holds({ from, to, reused }: Warning, value: number, updates: number): boolean {
  if (reused !== undefined && reused !== updates > 1) return false;
  return value >= (from ?? Number.NEGATIVE_INFINITY) && value <= (to ?? Number.POSITIVE_INFINITY);
}

function isNeutral({ id, neutral }: Owner & Partial<CatalogMethod>, values: Values): boolean {
  const settings = Object.entries(neutral ?? {});
  return settings.length > 0 && settings.every(([name, x]) => values[`${id}.${name}`] === x);
}

/** Why a setting has no say while another one is as it is; undefined where it has. */
export function whyIdle(
  { id, params }: Owner,
  { applies }: Param,
  values: Values,
): string | undefined {
  if (!applies) return undefined;
  const other = params[applies.setting];
  const value = values[`${id}.${applies.setting}`] ?? other?.default ?? 0;
  if (!other || applies.is.includes(value)) return undefined;
  const now = other.kind === 'choice' ? other.options[value]?.label : value === 1 ? 'on' : 'off';
  return `It acts only where “${other.label}” is otherwise; now that is “${now}”.`;
}
