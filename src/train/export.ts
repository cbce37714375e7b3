/**
 * A run's weights as the folder that Hugging Face's `from_pretrained` reads: LlamaForCausalLM, unchanged names and shapes,
 * and a tokenizer that cuts text into the task's own vocabulary. A value head has a file of its own, which
 * `from_pretrained` passes over.
 */
import type { Values } from '../core/param.ts';
import type { ExportedFile } from '../core/report.ts';
import { isOfValueHead, type Layout } from '../model/layout.ts';
import { saveParameters } from '../model/safetensors.ts';
import type { Task } from '../tasks/task.ts';

/** @param flat parameters of a policy of this layout; optimizer state is not part of a folder */
export function huggingFaceFiles(
  task: Task,
  layout: Layout,
  flat: Float32Array,
  values: Values,
): ExportedFile[] {
  const json = (name: string, content: unknown): ExportedFile => ({
    name,
    bytes: new TextEncoder().encode(`${JSON.stringify(content, null, 2)}\n`).buffer,
  });
  const { prompt, response } = task.limits(values);
  const eos = task.vocabulary[task.eos] as string;
  const head = layout.tensors.filter(isOfValueHead);
  const model = layout.tensors.filter((spec) => !isOfValueHead(spec));
  const weights = (name: string, tensors: typeof model): ExportedFile => ({
    name,
    bytes: saveParameters(layout, flat, tensors),
  });
  return [
    json('config.json', modelFile(task, layout, prompt + response)),
    weights('model.safetensors', model),
    ...(head.length > 0 ? [weights('value_head.safetensors', head)] : []),
    json('tokenizer.json', tokenizerFile(task)),
    json('tokenizer_config.json', {
      tokenizer_class: 'PreTrainedTokenizerFast',
      eos_token: eos,
      pad_token: eos,
      padding_side: 'left',
      model_max_length: prompt + response,
      clean_up_tokenization_spaces: false,
    }),
    json('generation_config.json', {
      bos_token_id: null,
      eos_token_id: task.eos,
      pad_token_id: task.eos,
      do_sample: true,
      temperature: values['trainer.temperature'] ?? 1,
      top_k: 0,
      max_new_tokens: response,
    }),
  ];
}

function modelFile(task: Task, { config }: Layout, positions: number) {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: config.vocab_size,
    hidden_size: config.n_embd,
    intermediate_size: config.d_ff,
    num_hidden_layers: config.n_layer,
    num_attention_heads: config.n_head,
    num_key_value_heads: config.n_head,
    head_dim: config.n_embd / config.n_head,
    hidden_act: 'silu',
    max_position_embeddings: positions,
    rms_norm_eps: config.rms_eps,
    rope_theta: config.rope_theta,
    attention_bias: false,
    mlp_bias: false,
    tie_word_embeddings: false,
    // Prompts begin with their first character: there is no token for a beginning.
    bos_token_id: null,
    eos_token_id: task.eos,
    pad_token_id: task.eos,
    torch_dtype: 'float32',
    use_cache: true,
  };
}

/** WordLevel over the vocabulary; text is cut at its words, the longest first. Decoding joins without spaces. */
function tokenizerFile({ vocabulary, eos }: Task) {
  const words = [...vocabulary].sort((a, b) => b.length - a.length);
  const pattern = words.map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|');
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [
      {
        id: eos,
        content: vocabulary[eos],
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      },
    ],
    normalizer: null,
    pre_tokenizer: {
      type: 'Split',
      pattern: { Regex: pattern },
      behavior: 'Isolated',
      invert: false,
    },
    post_processor: null,
    decoder: { type: 'Fuse' },
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
      // Not in the vocabulary: a character that the task does not have is an error, not a guess.
      unk_token: '[UNK]',
    },
  };
}
