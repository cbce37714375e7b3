/** How the dispatches of one policy get their buffers: matrices by name, everything else by the name that the WGSL uses. */
import type { Launch } from '../gpu/launch.ts';
import type { ModelKernels } from './kernels.ts';
import type { Layout, MatrixSpec } from './layout.ts';
import type { Workspace } from './workspace.ts';

export type Bound = GPUBuffer | GPUBufferBinding;

/** Uniforms of the engine that passes read. */
export interface PassUniforms {
  batch: GPUBuffer;
  rollout: GPUBuffer;
  /** Where some policy has a value head. */
  critic?: GPUBuffer;
  /** Where responses may begin with latent positions: how those are sampled. */
  mixing?: GPUBuffer;
}

export interface PolicyParts {
  kernels: ModelKernels;
  /** The policy's own. */
  layout: Layout;
  workspace: Workspace;
  uniforms: PassUniforms;
  theta: GPUBuffer;
  /** Floats of one copy of the gradient: of the largest layout that the engine has. */
  stride: number;
}

export interface Binder {
  matrix(name: string): MatrixSpec;
  /** A matrix in the parameters. */
  weight(name: string): Bound;
  /** A matrix in the partial gradients, from the first copy to the last. */
  partial(name: string): Bound;
  /** @throws {Error} no kernel of this name, or a buffer that it needs is missing */
  launch(name: string, buffers: Record<string, Bound>, workgroups: Launch['workgroups']): Launch;
}

export function bindPolicy(parts: PolicyParts): Binder {
  const { kernels, layout, workspace, uniforms, theta, stride } = parts;
  const { splits } = workspace.sizes;
  const b = (name: string): GPUBuffer => workspace.buffer(name);
  const matrix = (name: string): MatrixSpec => layout.matrices.get(name) as MatrixSpec;
  // Every kernel may ask for the row bookkeeping; it is given where the WGSL uses it.
  const common: Record<string, Bound> = {
    batch: uniforms.batch,
    rollout: uniforms.rollout,
    rows: b('rows'),
    rope: b('rope'),
    sequences: b('sequences'),
    state: b('state'),
    order: b('order'),
  };
  return {
    matrix,
    weight(name) {
      const { offset, rows, columns } = matrix(name);
      return { buffer: theta, offset: offset * 4, size: rows * columns * 4 };
    },
    partial(name) {
      const { offset, rows, columns } = matrix(name);
      const size = ((splits - 1) * stride + rows * columns) * 4;
      return { buffer: b('partial'), offset: offset * 4, size };
    },
    launch(name, buffers, workgroups) {
      const kernel = kernels.get(name);
      if (!kernel) throw new Error(`passes: kernel must be compiled, got none named ${name}`);
      const used = kernel.bindings.filter((x) => x.name in common && !(x.name in buffers));
      const extra = Object.fromEntries(used.map((x) => [x.name, common[x.name] as Bound]));
      return { kernel, group: kernel.bind({ ...extra, ...buffers }), workgroups };
    },
  };
}
