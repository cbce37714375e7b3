/** What two arms have in common and what not, stage by stage, and both losses in one formula. Pure. */
import { activeMethods } from '../../core/catalog.ts';
import { type Arm, armValues, type Experiment } from '../../core/experiment.ts';
import { formatParam, type Values } from '../../core/param.ts';
import { METHODS } from '../../methods/index.ts';
import type { Method } from '../../methods/method.ts';
import { formatSetting } from '../format.ts';
import { liveFormula, mainOf } from './live_formula.ts';
import { PIPELINE, type StageInfo } from './pipeline.ts';

/** An arm with the settings that apply, matched strengths among them. */
export interface Side {
  arm: Arm;
  methods: Method[];
  values: Values;
  /** Its regularizers' strengths were matched. */
  isMatched: boolean;
}

export function sideOf(experiment: Experiment, arm: Arm, matched: Values = {}): Side {
  const methods = activeMethods(experiment, arm, METHODS);
  const values = { ...armValues(experiment, arm), ...matched };
  return { arm, methods, values, isMatched: Object.keys(matched).length > 0 };
}

/** A setting that is not the same. */
export interface OtherSetting {
  label: string;
  a: string;
  b: string;
}

export type Entry =
  | { where: 'both'; method: Method; settings: OtherSetting[] }
  | { where: 'a' | 'b'; method: Method };

export interface StageDifference extends StageInfo {
  entries: Entry[];
}

/** Stages in which at least one of the two has a method: what both have first. */
export function differenceOf(a: Side, b: Side): StageDifference[] {
  const has = (side: Side, method: Method) => side.methods.some(({ id }) => id === method.id);
  return PIPELINE.map((info) => {
    const of = (side: Side) => side.methods.filter(({ stage }) => stage === info.stage);
    const entries: Entry[] = [
      ...of(a)
        .filter((method) => has(b, method))
        .map((method): Entry => ({ where: 'both', method, settings: otherSettings(method, a, b) })),
      ...of(a)
        .filter((method) => !has(b, method))
        .map((method): Entry => ({ where: 'a', method })),
      ...of(b)
        .filter((method) => !has(a, method))
        .map((method): Entry => ({ where: 'b', method })),
    ];
    return { ...info, entries };
  }).filter(({ entries }) => entries.length > 0);
}

function otherSettings(method: Method, a: Side, b: Side): OtherSetting[] {
  return Object.entries(method.params).flatMap(([name, param]) => {
    const key = `${method.id}.${name}`;
    const text = ({ values }: Side): string => {
      const value = values[key] ?? param.default;
      return param.kind === 'number' ? formatSetting(value) : String(formatParam(param, value));
    };
    return text(a) === text(b) ? [] : [{ label: param.label, a: text(a), b: text(b) }];
  });
}

/** A piece of both losses. */
export interface Piece {
  where: 'both' | 'a' | 'b' | 'other settings';
  /** LaTeX with the numbers of its arm; with other settings, of the first arm with symbols left. */
  tex: string;
}

/** The loss of a token as a sum of pieces: objective, then regularizers. */
export function piecesOf(a: Side, b: Side): Piece[] {
  return differenceOf(a, b)
    .filter(({ stage }) => stage === 'objective' || stage === 'regularizer')
    .flatMap(({ entries }) => entries)
    .map((entry): Piece => {
      const { method } = entry;
      if (entry.where !== 'both') {
        const { values } = entry.where === 'a' ? a : b;
        return { where: entry.where, tex: mainOf(liveFormula(method, values)) };
      }
      return entry.settings.length > 0
        ? { where: 'other settings', tex: mainOf(method.formula) }
        : { where: 'both', tex: mainOf(liveFormula(method, a.values)) };
    });
}
