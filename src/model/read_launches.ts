/** What a loss's methods read of each row before an update (model/current.ts), as launches. */
import { createKernel } from '../gpu/kernel.ts';
import { ceilDiv, type Launch } from '../gpu/launch.ts';
import type { Engine } from './engine.ts';
import { type Reads, readSpecs } from './kernels.ts';

/** @param params uniform of the methods' settings */
export function readLaunches(
  { device, layout, workspace, uniforms }: Engine,
  methods: Reads,
  params: GPUBuffer,
): Promise<Launch[]> {
  const middle = Math.floor(layout.config.n_layer / 2);
  const names = ['rows', 'logits', 'facts', 'stats'];
  const buffers: Record<string, GPUBuffer> = {
    ...Object.fromEntries(names.map((name) => [name, workspace.buffer(name)])),
    ...{ batch: uniforms.batch, params },
    ...{ qkv: workspace.buffer(`${middle}.qkv`), lse: workspace.buffer(`${middle}.lse`) },
  };
  const launches = readSpecs(layout, methods).map(async (spec): Promise<Launch> => {
    const kernel = await createKernel(device, spec);
    const used = kernel.bindings.map((x) => [x.name, buffers[x.name] as GPUBuffer]);
    const group = kernel.bind(Object.fromEntries(used));
    return { kernel, group, workgroups: (n) => [ceilDiv(n, 32)] };
  });
  return Promise.all(launches);
}
