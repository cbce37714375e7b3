/** The law R = −a e^H + b for each arm of a phase plot: the line, or why there is none. Pure. */
import { activeMethods } from '../../core/catalog.ts';
import { fitLaw, type Law, LEAST_POINTS, rewardAt } from '../../core/entropy_law.ts';
import type { Experiment } from '../../core/experiment.ts';
import { METHODS } from '../../methods/index.ts';
import type { Method } from '../../methods/method.ts';
import type { History } from '../history.ts';
import type { DrawnArm } from './frame.ts';
import { type Phase, type PhasePoint, phasePath } from './phase_data.ts';

/** Of these stages a method intervenes only where it says so. */
const PLAIN: readonly Method['stage'][] = ['sampling', 'reward', 'advantage', 'objective'];

export interface ArmLaw {
  arm: DrawnArm;
  /** Why there is no line. */
  missing?: string;
  law?: Law;
  /** Entropy and reward along the line, from entropy 0 to the largest of the fit. */
  curve?: [number, number][];
  /** The newest point beyond the fit, and what the law says of it. */
  forecast?: { step: number; said: number; measured: number };
}

/** The first method of an arm that intervenes on entropy, or on how far the policy moves. */
export function intervention(experiment: Experiment, id: string): Method | undefined {
  const arm = experiment.arms.find((a) => a.id === id);
  if (!arm) return undefined;
  return activeMethods(experiment, arm, METHODS).find(
    (method) => !PLAIN.includes(method.stage) || method.intervenes,
  );
}

/** Fitted on the first third of the planned steps, means over the seeds, not smoothed. */
export function lawOf(
  history: History,
  phase: Pick<Phase, 'x' | 'y'>,
  arm: DrawnArm,
  experiment: Experiment,
): ArmLaw {
  if (arm.isRecorded) return { arm, missing: 'it is drawn from another run' };
  const method = intervention(experiment, arm.id);
  if (method) return { arm, missing: `${method.label} intervenes` };
  const points = phasePath(history, phase, arm.id, 1);
  const end = (experiment.values['trainer.steps'] ?? 0) / 3;
  const early = points.filter(({ step }) => step <= end);
  const asLaw = ({ step, x, y }: PhasePoint) => ({ step, entropy: x, reward: y });
  const law = fitLaw(early.map(asLaw));
  if (!law) {
    const missing = `it takes ${LEAST_POINTS} measured steps in the first third of the run, where there ${early.length === 1 ? 'is' : 'are'} ${early.length}`;
    return { arm, missing };
  }
  const most = Math.max(...early.map(({ x }) => x));
  const curve = Array.from({ length: 41 }, (_, i): [number, number] => {
    const entropy = (most * i) / 40;
    return [entropy, rewardAt(law, entropy)];
  });
  const newest = points[points.length - 1];
  const forecast =
    newest && newest.step > law.until
      ? { step: newest.step, said: rewardAt(law, newest.x), measured: newest.y }
      : undefined;
  return { arm, law, curve, ...(forecast ? { forecast } : {}) };
}
