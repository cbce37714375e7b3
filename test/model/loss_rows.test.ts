// Where an adapter does not compile the rows of a loss shared by a workgroup, the loss runs all the same, and says so.
import { afterAll, afterEach, expect, test } from 'vitest';
import { composeMethods, SUPERVISED } from '../../src/methods/compose.ts';
import { packBatch } from '../../src/model/batch.ts';
import { Engine } from '../../src/model/engine.ts';
import { initialParameters } from '../../src/model/init.ts';
import { update } from '../../src/model/update.ts';
import { device } from '../helpers/dawn.ts';

/** As many tokens as make it worth while, and some more. */
const config = {
  ...{ n_layer: 1, n_embd: 8, n_head: 2, d_ff: 9, vocab_size: 261 },
  ...{ rope_theta: 100, rms_eps: 1e-5 },
};
const sizes = { rows: 16, sequences: 8, response: 4, positions: 8, splits: 1 };
const batch = packBatch([
  { prompt: [1, 200], response: [260, 3, 77], weight: 0.3, advantage: 1, old_logp: [0, 0, 0] },
  { prompt: [5], response: [0], weight: 0.1, advantage: 1, old_logp: [0] },
]);
const adam = {
  ...{ learning_rate: 1e-3, beta1: 0.9, beta2: 0.98, eps: 1e-8 },
  ...{ weight_decay: 0, max_grad_norm: 1 },
};
const composed = composeMethods([SUPERVISED]);

const { createShaderModule } = device;
afterEach(() => {
  device.createShaderModule = createShaderModule;
});
/** As a compiler that refuses what stands in these texts. */
function refuse(...texts: string[]): void {
  device.createShaderModule = ({ code, ...rest }) => {
    const refused = texts.reduce((all, text) => all.replaceAll(text, `unknown_${text}`), code);
    return createShaderModule.call(device, { ...rest, code: refused });
  };
}

const engines: Engine[] = [];
afterAll(() => {
  for (const engine of engines) engine.destroy();
});
async function open(lossRows: 'one' | 'shared'): Promise<Engine> {
  const engine = await Engine.create(device, config, 0, { ...sizes, lossRows });
  engines.push(engine);
  return engine;
}

test('a loss whose shared rows do not compile gives each row to one invocation, and tells why', async () => {
  const [shared, one] = [await open('shared'), await open('one')];
  refuse('storageBarrier()');
  const fallen = await shared.createLoss(composed);
  device.createShaderModule = createShaderModule;
  const plain = await one.createLoss(composed);
  expect([fallen.rows, plain.rows, plain.note]).toEqual(['one', 'one', undefined]);
  expect(fallen.note).toMatch(/does not compile .* shared .*row_shared\.wgsl:\d+/s);
  const parameters = initialParameters(one.layout, 1);
  const request = { parts: [batch], temperature: 1, adam, updateNumber: 1 };
  const results = [shared, one].map((engine, i) =>
    update(engine, engine.createPolicy(parameters), i === 0 ? fallen : plain, request),
  );
  const [a, b] = await Promise.all(results);
  // The same kernel on the same grid, so the same bits.
  expect(a).toEqual(b);
  expect(a?.tokens).toBe(4);
});

test('a loss that is wrong in itself is refused as it is, and may be tried again', async () => {
  const engine = await open('shared');
  refuse('storageBarrier()', 'fn objective(');
  await expect(engine.createLoss(composed)).rejects.toThrow(/^policy_loss: methods:9/);
  device.createShaderModule = createShaderModule;
  expect((await engine.createLoss(composed)).rows).toBe('shared');
});
