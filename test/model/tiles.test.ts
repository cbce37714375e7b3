// The model as a whole comes out alike whichever way its kernels load; kernel by kernel: test/kernels.
import { expect, test } from 'vitest';
import { readBuffer } from '../../src/gpu/readback.ts';
import { composeMethods, SUPERVISED } from '../../src/methods/compose.ts';
import { packBatch } from '../../src/model/batch.ts';
import { Engine } from '../../src/model/engine.ts';
import { rollout } from '../../src/model/generate.ts';
import { initialParameters } from '../../src/model/init.ts';
import { canRun, forceTile, type TileId } from '../../src/model/tiles.ts';
import { update } from '../../src/model/update.ts';
import { expectClose } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';

const config = {
  ...{ n_layer: 2, n_embd: 30, n_head: 3, d_ff: 13, vocab_size: 11 },
  ...{ rope_theta: 100, rms_eps: 1e-5 },
};
const EOS = 10;
const sizes = { rows: 64, sequences: 16, response: 14, positions: 20, splits: 3 };
const prompts = [[1, 2, 3, 4], [5], [6, 7, 8, 9, 0], [2, 2]];
const adam = {
  ...{ learning_rate: 1e-3, beta1: 0.9, beta2: 0.98, eps: 1e-8 },
  ...{ weight_decay: 0, max_grad_norm: 1 },
};

async function run(tile: TileId) {
  const engine = await Engine.create(device, config, EOS, { ...sizes, tile });
  const parameters = initialParameters(engine.layout, 3).map((x) => (x === 1 ? 1 : 8 * x));
  const policy = engine.createPolicy(parameters);
  const request = { prompts, groupSize: 4, temperature: 1, seed: 7, stream: 3, step: 5 };
  const responses = await rollout(engine, policy, request);
  const loss = await engine.createLoss(composeMethods([SUPERVISED]));
  const sequences = responses.slice(0, 5).map(({ tokens }, i) => ({
    ...{ prompt: prompts[Math.floor(i / 4)], response: [...tokens].slice(0, 7) },
    ...{ weight: 0.1, advantage: 1, old_logp: Array(Math.min(tokens.length, 7)).fill(0) },
  }));
  const parts = [packBatch(sequences)];
  const asked = { parts, temperature: 1, adam, updateNumber: 1, gradientOnly: true };
  const { loss: value } = await update(engine, policy, loss, asked);
  const bytes = 4 * engine.layout.size;
  const grad = new Float32Array(await readBuffer(device, engine.workspace.buffer('grad'), bytes));
  engine.destroyPolicy(policy);
  engine.destroy();
  return { responses, value, grad };
}

const alone = await run('alone');

test('responses of the shape end before rows are given anew, and after', () => {
  const lengths = new Set(alone.responses.map(({ tokens }) => tokens.length));
  expect(Math.min(...lengths)).toBeLessThan(4);
  expect(Math.max(...lengths)).toBeGreaterThan(8);
});

test.each([
  ['quad', 'quadSwapX('],
  ['staged', 'left_stage['],
] as const)(
  '%s, where the adapter does not compile it, is not what the engine has',
  async (tile, text) => {
    const { createShaderModule, createComputePipelineAsync } = device;
    device.createShaderModule = ({ code, ...rest }) => {
      const refused = code.replaceAll(text, `unknown_${text}`);
      return createShaderModule.call(device, { ...rest, code: refused });
    };
    // A refusal comes before the kernels that compile.
    device.createComputePipelineAsync = async (descriptor) => {
      const pipeline = await createComputePipelineAsync.call(device, descriptor);
      await new Promise((resolve) => setTimeout(resolve, 50));
      return pipeline;
    };
    let engine: Engine;
    const told: number[] = [];
    try {
      engine = await Engine.create(device, config, EOS, { ...sizes, tile }, (done) =>
        told.push(done),
      );
    } finally {
      Object.assign(device, { createShaderModule, createComputePipelineAsync });
    }
    expect(engine.workspace.sizes.tile).toBe('alone');
    expect(engine.notes).toEqual([expect.stringMatching(/does not compile those .*unknown/s)]);
    // Once it begins again, nothing of the first try is counted any more.
    const again = told.slice(told.lastIndexOf(0));
    expect(again).toEqual(again.map((_, i) => i));
    expect(again.length).toBeGreaterThan(20);
    engine.destroy();
  },
);

test.each(['quad', 'staged'] as const)('%s, where the device can run it', async (tile) => {
  if (!(await canRun(device, tile))) {
    await expect(forceTile(device, tile)).rejects.toThrow('must be another');
    return;
  }
  const other = await run(tile);
  other.responses.forEach((response, i) => {
    expect([...response.tokens]).toEqual([...(alone.responses[i]?.tokens ?? [])]);
    expectClose(response.logp, alone.responses[i]?.logp ?? [], { rtol: 1e-5, atol: 2e-5 });
  });
  expectClose([other.value], [alone.value], { rtol: 1e-5, atol: 1e-6 });
  const most = Math.max(...alone.grad.map(Math.abs));
  expect(most).toBeGreaterThan(0.01);
  // Sums of some thirty rows through two layers, in another order.
  expectClose(other.grad, alone.grad, { rtol: 1e-5, atol: 1e-5 * most });
});
