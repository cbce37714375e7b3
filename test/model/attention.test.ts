// Attention entropy of every layer through the whole model, against the float64 model.
import { describe, expect, it } from 'vitest';
import { attentionEntropies, attentionLaunches } from '../../src/model/attention.ts';
import { cutByRows, packBatch } from '../../src/model/batch.ts';
import { Engine } from '../../src/model/engine.ts';
import { writeTensor } from '../../src/model/layout.ts';
import { attentionEntropy } from '../../src/reference/attention_entropy.ts';
import { forward, packSequences, randomParameters } from '../../src/reference/transformer.ts';
import { expectClose } from '../helpers/close.ts';
import { device } from '../helpers/dawn.ts';
import { seededRandom } from '../reference/differences.ts';

// Three heads of width 10, three layers: nothing divides a tile, and the middle layer is not the last.
const config = {
  ...{ n_layer: 3, n_embd: 30, n_head: 3, d_ff: 13, vocab_size: 11 },
  ...{ rope_theta: 100, rms_eps: 1e-5 },
};
const sizes = { rows: 24, sequences: 8, response: 12, positions: 20, splits: 2 };
const engine = await Engine.create(device, config, 10, sizes);
const ours = {
  vocab: 11,
  d_model: 30,
  layers: 3,
  heads: 3,
  d_ff: 13,
  rope_theta: 100,
  rms_eps: 1e-5,
};
const params = randomParameters(ours, seededRandom(2), 0.8);
const flat = new Float32Array(engine.layout.size);
for (const spec of engine.layout.tensors) writeTensor(flat, spec, params.get(spec.name) ?? []);
const policy = engine.createPolicy(flat);

const sequences = [
  { prompt: [1, 2, 3], response: [4, 5, 6, 7] },
  { prompt: [5], response: [8, 2] },
  { prompt: [9, 9, 1], response: [0, 6, 2, 7] },
  { prompt: [6, 0, 2, 8, 1, 1, 3, 9], response: [7, 2, 0, 5, 1, 8, 4, 4, 3] },
].map((s) => ({ ...s, weight: 1, advantage: 0, old_logp: s.response.map(() => 0) }));

describe('attention entropy of every layer', async () => {
  const launches = await attentionLaunches(engine);
  const parts = cutByRows(sequences, sizes.rows).map(packBatch);
  const found = await attentionEntropies(engine, policy, parts, launches);

  it('is that of the float64 model at the rows that predict response tokens', () => {
    // The capacity is smaller than the whole, so that cutting is tested, too.
    expect(parts.length).toBeGreaterThan(1);
    const packed = packSequences(
      sequences.map(({ prompt, response }) => [...prompt, ...response].slice(0, -1)),
    );
    const wanted = forward(ours, params, packed).layers.map(({ att }) => {
      const rows = attentionEntropy(att, config.n_head);
      let end = 0;
      return sequences.flatMap(({ prompt, response }) => {
        end += prompt.length + response.length - 1;
        return [...rows.subarray(end - response.length, end)];
      });
    });
    expect(wanted.length).toBe(3);
    // f32 through three layers with scores of up to 10.
    wanted.forEach((rows, l) => {
      expectClose(found[l], rows, { rtol: 2e-4, atol: 2e-4 });
    });
    // Layers differ by far more than that.
    for (const [a, b] of [
      [0, 1],
      [1, 2],
    ] as const) {
      const apart = wanted[a].map((e, i) => Math.abs(e - wanted[b][i]));
      expect(Math.max(...apart)).toBeGreaterThan(0.05);
    }
  });
});
