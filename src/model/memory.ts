/** What an engine, a policy and a loss allocate, known before they do: read by the engine itself and by whoever predicts. */
import { storageBytes } from '../gpu/launch.ts';
import type { Layout } from './layout.ts';
import { type Sizes, workspaceTable } from './workspace.ts';

/** Updates that may be on their way before the next one waits for a read-back. */
const IN_FLIGHT = 3;
/** Parts of one update whose sums are read back apart: enough for the largest batch that settings allow. */
export const MAX_PARTS = 512;

/** Bytes of the engine's uniforms. */
export const UNIFORMS = { batch: 16, rollout: 48, adam: 32, critic: 16, mixing: 32 };

/** Bytes of a slot and slots of each ring that results are read back through. */
export function readbackTable({ hasValue, config }: Layout, sizes: Sizes) {
  const mixtures = 4 * (sizes.latent ?? 0) * config.vocab_size;
  return {
    update: { bytes: MAX_PARTS * (hasValue ? 48 : 32) + 16, slots: IN_FLIGHT },
    rollout: { bytes: sizes.sequences * (8 + sizes.response * 20 + mixtures), slots: IN_FLIGHT },
    /** Of model/current.ts. */
    current: { bytes: 32 * sizes.rows, slots: 1 },
  };
}

/**
 * Bytes that `Engine.create` allocates: what all runs share.
 * @param layout with a value head, where the engine's policies may have one
 */
export function engineBytes(layout: Layout, sizes: Sizes): number {
  let bytes = UNIFORMS.batch + UNIFORMS.rollout + UNIFORMS.adam;
  if (layout.hasValue) bytes += UNIFORMS.critic;
  if (sizes.latent) bytes += UNIFORMS.mixing;
  for (const needed of workspaceTable(layout, sizes).values()) bytes += storageBytes(needed);
  for (const { bytes: slot, slots } of Object.values(readbackTable(layout, sizes))) {
    bytes += slots * storageBytes(slot);
  }
  return bytes;
}

/** Bytes of a policy: parameters and two moments. */
export const policyBytes = (layout: Layout): number => 3 * 4 * layout.size;

/** Bytes of a loss. @param methods what `createLoss` takes */
export function lossBytes(
  methods: { fields: readonly string[]; columns?: readonly string[] },
  { rows }: Sizes,
): number {
  const columns = methods.columns?.length ?? 0;
  const constants = columns > 0 ? storageBytes(4 * columns * rows) : 0;
  return storageBytes(4 * Math.max(1, methods.fields.length)) + constants;
}
