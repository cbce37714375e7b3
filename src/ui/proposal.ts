/** What the adapter's report proposes, and how it stands to an experiment. */
import type { Experiment } from '../core/experiment.ts';
import type { AdapterReport } from '../worker/protocol.ts';

/** The experiment with the proposed model, number of seeds and settings; the same object when nothing differs. */
export function withProposal(experiment: Experiment, { proposal }: AdapterReport): Experiment {
  const seeds = experiment.seeds.slice(0, Math.max(1, proposal.seeds));
  const differs =
    proposal.model !== experiment.model ||
    seeds.length !== experiment.seeds.length ||
    Object.entries(proposal.values).some(([key, value]) => experiment.values[key] !== value);
  if (!differs) return experiment;
  return {
    ...experiment,
    model: proposal.model,
    seeds,
    values: { ...experiment.values, ...proposal.values },
  };
}

/** To whoever takes the preset's settings on a slow adapter all the same. */
export function slowWarning(gflops: number): string {
  return `This adapter does ${gflops.toFixed(1)} GFLOP/s; see the estimate beside Start before you begin.`;
}
