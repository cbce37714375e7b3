/** The dispatches of one optimizer step (shaders/adamw.wgsl): sum the partial gradients, take their norm, move. */
import type { Kernel } from '../gpu/kernel.ts';
import { ceilDiv, type Launch, spread } from '../gpu/launch.ts';
import type { ModelKernels } from './kernels.ts';
import type { Layout } from './layout.ts';
import type { Workspace } from './workspace.ts';

export interface OptimizerParts {
  kernels: ModelKernels;
  workspace: Workspace;
  /** The policy's own: kernels know its size. */
  layout: Layout;
  /** Uniform of the settings. */
  adam: GPUBuffer;
  theta: GPUBuffer;
  m: GPUBuffer;
  v: GPUBuffer;
}

export function optimizerPasses(parts: OptimizerParts): Launch[] {
  const { kernels, workspace, layout, adam, theta, m, v } = parts;
  const P4 = layout.size / 4;
  const [partial, grad, squares, norm] = ['partial', 'grad', 'squares', 'norm'].map((name) =>
    workspace.buffer(name),
  ) as [GPUBuffer, GPUBuffer, GPUBuffer, GPUBuffer];
  const launch = (
    entry: string,
    buffers: Record<string, GPUBuffer>,
    workgroups: Launch['workgroups'],
  ): Launch => {
    const kernel = kernels.get(layout.hasValue ? `${entry}.value` : entry) as Kernel;
    return { kernel, group: kernel.bind(buffers), workgroups };
  };
  return [
    launch('grad_reduce', { partial, grad, squares }, () => [ceilDiv(P4, 1024)]),
    launch('grad_norm', { squares, norm }, () => [1]),
    launch('adamw', { adam, grad, norm, theta, m, v }, () => spread(ceilDiv(P4, 64))),
  ];
}
