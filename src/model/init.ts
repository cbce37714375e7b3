/** Fresh weights. Normal with standard deviation 0.05 (Hugging Face's 0.02 is for wide models; at width 64
 * training then starts in a long plateau); output layers smaller by √(2L), as GPT-2; a value head is 0. */
import { Random, STREAM } from '../core/random.ts';
import { elementCount, isOfValueHead, type Layout, writeTensor } from './layout.ts';

/** The same seed gives the same weights on every machine. */
export function initialParameters(layout: Layout, seed: number): Float32Array {
  const flat = new Float32Array(layout.size);
  const deep = 1 / Math.sqrt(2 * layout.config.n_layer);
  layout.tensors.forEach((spec, index) => {
    if (isOfValueHead(spec)) return;
    const random = new Random(seed, STREAM.init, index);
    const isNorm = spec.shape.length === 1;
    const std = 0.05 * (/(o|down)_proj/.test(spec.name) ? deep : 1);
    const values = Float32Array.from({ length: elementCount(spec) }, () =>
      isNorm ? 1 : std * random.normal(),
    );
    writeTensor(flat, spec, values);
  });
  return flat;
}
