/** What all runs of an engine share on its device: allocated all together, or not at all. */
import { checked } from '../gpu/device.ts';
import { uniform } from '../gpu/launch.ts';
import { Readback } from '../gpu/readback.ts';
import type { PassUniforms } from './bindings.ts';
import type { Engine, Policy } from './engine.ts';
import type { Layout } from './layout.ts';
import { engineBytes, policyBytes, readbackTable, UNIFORMS } from './memory.ts';
import { createWorkspace, type Sizes, type Workspace } from './workspace.ts';

export interface Shared {
  workspace: Workspace;
  uniforms: PassUniforms & { adam: GPUBuffer };
  updates: Readback;
  rollouts: Readback;
  /** Of model/current.ts. */
  currents: Readback;
  destroy(): void;
}

/**
 * @param layout with a value head, where policies may have one
 * @throws {Error} the GPU has no room; nothing stays allocated then
 */
export function allocate(device: GPUDevice, layout: Layout, sizes: Sizes): Promise<Shared> {
  return checked(device, () => allocated(device, layout, sizes), {
    undo: (shared) => shared.destroy(),
    refusal: noRoom('what runs share', engineBytes(layout, sizes), 'trainer.prompts, or the model'),
  });
}

/**
 * A policy of the engine (`createPolicy`), or a refusal.
 * @throws {Error} the GPU has no room for it
 */
export function openPolicy(
  engine: Engine,
  parameters: Float32Array,
  hasValue = false,
): Promise<Policy> {
  const bytes = policyBytes((hasValue && engine.valueLayout) || engine.layout);
  return checked(engine.device, () => engine.createPolicy(parameters, hasValue), {
    undo: (policy) => engine.destroyPolicy(policy),
    refusal: noRoom('weights and moments', bytes, 'arms or seeds, or the model'),
  });
}

/** What is said where so many bytes cannot be had. */
const noRoom =
  (what: string, bytes: number, lower: string) =>
  (reason: string): string =>
    `memory: the GPU must have room for ${(bytes / 1e6).toFixed(0)} MB of ${what}, got “${reason}”; lower ${lower}`;

function allocated(device: GPUDevice, layout: Layout, sizes: Sizes): Shared {
  const workspace = createWorkspace(device, layout, sizes);
  const uniforms = {
    batch: uniform(device, 'batch', UNIFORMS.batch),
    rollout: uniform(device, 'rollout', UNIFORMS.rollout),
    adam: uniform(device, 'adam', UNIFORMS.adam),
    ...(layout.hasValue ? { critic: uniform(device, 'critic', UNIFORMS.critic) } : {}),
    ...(sizes.latent ? { mixing: uniform(device, 'mixing', UNIFORMS.mixing) } : {}),
  };
  const rings = readbackTable(layout, sizes);
  const ring = (name: keyof typeof rings): Readback =>
    new Readback(device, name, rings[name].bytes, rings[name].slots);
  const [updates, rollouts, currents] = [ring('update'), ring('rollout'), ring('current')];
  return {
    ...{ workspace, uniforms, updates, rollouts, currents },
    destroy() {
      workspace.destroy();
      for (const own of [updates, rollouts, currents]) own.destroy();
      for (const buffer of Object.values(uniforms)) buffer.destroy();
    },
  };
}
