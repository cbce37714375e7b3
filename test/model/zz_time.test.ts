import { expect, test } from 'vitest';
import { modelConfig } from '../../src/core/model_config.ts';
import { record } from '../../src/gpu/launch.ts';
import { createKernel } from '../../src/gpu/kernel.ts';
import { Engine } from '../../src/model/engine.ts';
import { rolloutSpec } from '../../src/model/kernels.ts';
import { initialParameters } from '../../src/model/init.ts';
import { rolloutUniform } from '../../src/model/rollout_uniform.ts';
import { device } from '../helpers/dawn.ts';
const plans = JSON.parse(process.env.PLANS ?? '[[4,64]]');
test('time', async () => {
  const R = 32, B = 64;
  const sizes = { rows: 512, sequences: B, response: R, positions: 48, splits: 1 };
  const engine = await Engine.create(device, modelConfig((process.env.MODEL ?? 'nano') as 'nano', 20), 3, { ...sizes });
  (engine as any).workspace.sizes.rollout = 'loop';
  // A loop engine and own mega kernels over separate buffers.
  const policy = engine.createPolicy(initialParameters(engine.layout, 3));
  const st = (n: number) => device.createBuffer({ size: n, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC });
  const L = engine.layout.config.n_layer, A = engine.layout.A;
  const w = engine.workspace;
  const prompts = st(L * 512 * 3 * A * 4), cache = st(L * B * R * 2 * A * 4);
  const seq = Uint32Array.from({ length: 4 * B }, (_, i) => i % 4 === 1 ? 12 : i % 4 === 3 ? i >> 2 : 0);
  device.queue.writeBuffer(w.buffer('sequences'), 0, seq);
  const time = async (launches: any[]) => {
    await device.queue.onSubmittedWorkDone();
    const t = performance.now();
    const e = device.createCommandEncoder(); const p = e.beginComputePass();
    record(p, launches, B); p.end(); device.queue.submit([e.finish()]);
    await device.queue.onSubmittedWorkDone();
    return performance.now() - t;
  };
  device.queue.writeBuffer(engine.uniforms.rollout, 0, rolloutUniform(B, R, { temperature: 1, seed: 1, stream: 1, step: 1 }, R));
  const all: Record<string, any[]> = { loop: [...policy.passes.decodeBegin, ...Array.from({ length: R }, (_, t) => [...policy.passes.decodeToken, ...(t % 4 === 3 && t < R-1 ? policy.passes.decodeCompact : [])]).flat()] };
  for (const [sequences, threads] of plans) {
    const t = performance.now();
    const c0 = process.cpuUsage(); const kernel = await createKernel(device, rolloutSpec(engine.layout, 3, { sequences, threads }, 48));
    const c1 = process.cpuUsage(c0); console.log('COMPILE', sequences, threads, 'cpu', Math.round((c1.user + c1.system) / 1000), Math.round(performance.now() - t));
    const group = kernel.bind({ rollout: engine.uniforms.rollout, sequences: w.buffer('sequences'), state: w.buffer('state'), theta: policy.theta, prompts, cache, rope: w.buffer('rope'), tokens: w.buffer('tokens'), records: w.buffer('records') });
    all[`S${sequences} T${threads}`] = [...policy.passes.decodeBegin, { kernel, group, workgroups: () => [B / sequences] }];
  }
  const times: Record<string, number[]> = {};
  for (let r = 0; r < 6; r++) for (const k in all) { const ms = await time(all[k]); if (r > 0) (times[k] ??= []).push(Math.round(ms)); }
  for (const k in times) console.log('TIME', k, times[k].sort((a, b) => a - b).join(' '));
  expect(1).toBe(1);
});
