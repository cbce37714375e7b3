// The tool chain itself: Dawn runs a WGSL kernel here and the numbers come back.
import { expect, test } from 'vitest';
import { device } from '../helpers/dawn.ts';

test('a kernel doubles numbers', async () => {
  const code = `
    @group(0) @binding(0) var<storage, read_write> x: array<f32>;
    @compute @workgroup_size(64) fn double(@builtin(global_invocation_id) id: vec3u) {
      if (id.x < arrayLength(&x)) { x[id.x] = 2.0 * x[id.x]; }
    }`;
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const input = Float32Array.from({ length: 100 }, (_, i) => i);
  const usage = STORAGE | COPY_SRC | COPY_DST;
  const buffer = device.createBuffer({ size: input.byteLength, usage });
  const result = device.createBuffer({ size: input.byteLength, usage: COPY_DST | MAP_READ });
  device.queue.writeBuffer(buffer, 0, input);
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer } }],
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(2);
  pass.end();
  encoder.copyBufferToBuffer(buffer, result);
  device.queue.submit([encoder.finish()]);
  await result.mapAsync(GPUMapMode.READ);
  expect([...new Float32Array(result.getMappedRange())]).toEqual([...input].map((v) => 2 * v));
});
