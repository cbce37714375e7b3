/** Shape of the miniature Llama and its presets. Data only: the page lists them, `model/` builds them. */

export interface ModelConfig {
  /** L */
  n_layer: number;
  /** C, channels of the residual stream */
  n_embd: number;
  /** H; head width D = C / H must be even (RoPE rotates halves) */
  n_head: number;
  /** F, width of the SwiGLU */
  d_ff: number;
  /** V */
  vocab_size: number;
  rope_theta: number;
  rms_eps: number;
}

type Preset = { label: string; for: string } & Pick<
  ModelConfig,
  'n_layer' | 'n_embd' | 'n_head' | 'd_ff'
>;

export const MODEL_PRESETS = {
  nano: {
    label: 'nano',
    for: 'any laptop, a class, tests',
    n_layer: 2,
    n_embd: 64,
    n_head: 4,
    d_ff: 192,
  },
  micro: { label: 'micro', for: 'integrated GPUs', n_layer: 4, n_embd: 128, n_head: 4, d_ff: 384 },
  small: { label: 'small', for: 'good laptops', n_layer: 6, n_embd: 256, n_head: 8, d_ff: 768 },
  medium: { label: 'medium', for: 'a real GPU', n_layer: 8, n_embd: 512, n_head: 8, d_ff: 1536 },
} as const satisfies Record<string, Preset>;

export type ModelPresetId = keyof typeof MODEL_PRESETS;

export function modelConfig(preset: ModelPresetId, vocabSize: number): ModelConfig {
  const { n_layer, n_embd, n_head, d_ff } = MODEL_PRESETS[preset];
  return { n_layer, n_embd, n_head, d_ff, vocab_size: vocabSize, rope_theta: 10000, rms_eps: 1e-5 };
}

/** Number of trained values (without padding): embedding and head V·C each, 4C² + 3CF + 2C a layer, C at the end. */
export function parameterCount(c: ModelConfig): number {
  const layer = 4 * c.n_embd ** 2 + 3 * c.n_embd * c.d_ff + 2 * c.n_embd;
  return 2 * c.vocab_size * c.n_embd + c.n_layer * layer + c.n_embd;
}
