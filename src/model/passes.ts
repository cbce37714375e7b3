/**
 * The transformer as lists of prebuilt dispatches: forward, backward, prefill and one decoding step, for one set of
 * parameters. Reading the lists top to bottom is reading the model. Small (2 layers): 16 + 19.
 *
 *   forward   7 a layer + 2            backward  2 + 8 a layer + 1
 *   decode    7 a layer + 3 a token, 1 more every 4
 *   prefill   the forward's first part, up to the last layer's keys and values
 *
 * A policy with a value head: 2 more forward, 2 more backward (value_passes.ts). A latent position: 1 more a token.
 */
import { ceilDiv, type Launch } from '../gpu/launch.ts';
import { type Bound, bindPolicy, type PolicyParts } from './bindings.ts';
import { TILES } from './tiles.ts';
import { type ValuePasses, valuePasses } from './value_passes.ts';

export interface Passes {
  forward: Launch[];
  /** After the policy loss has left d_logits in `logits`. */
  backward: Launch[];
  prefill: Launch[];
  /** Once per rollout. */
  decodeBegin: Launch[];
  /** Once per token. */
  decodeToken: Launch[];
  /** Between tokens, at any time: rows of finished sequences go to those that go on. */
  decodeCompact: Launch[];
  /** Reference log-probabilities from the logits of `forward` into `facts`. */
  referenceLogp: Launch[];
  /** Log-probability and entropy of every row from the logits of `forward` into `stats`. */
  currentStats: Launch[];
  /** Where the policy has a value head; its `backward` is part of the policy's. */
  value?: ValuePasses;
  /** Where the engine knows latent positions: the same on batches that have some, and decoding one of them. */
  latent?: { forward: Launch[]; decodeToken: Launch[] };
}

export function buildPasses(parts: PolicyParts): Passes {
  const { layout, workspace } = parts;
  const { CP, A, F, VP, config } = layout;
  const { splits, tile = 'alone' } = workspace.sizes;
  const tileRows = 8 * TILES[tile].rows;
  const { matrix, weight, partial, launch } = bindPolicy(parts);
  const b = (name: string): GPUBuffer => workspace.buffer(name);

  // One linear layer; `extra` is what its epilogue needs.
  const linear = (
    kind: string,
    w: string,
    x: Bound,
    y: Bound,
    O: number,
    extra = {},
    decode = false,
  ): Launch =>
    launch(decode ? `${kind}.decode` : kind, { left: x, weight: weight(w), y, ...extra }, (n) => [
      ceilDiv(O / 4, 8),
      ceilDiv(n, tileRows),
    ]);
  // Both of its gradients; `epilogue` is what that of its input goes through.
  const linearBackward = (
    kind: string,
    w: string,
    d_y: Bound,
    x: Bound,
    epilogue: Record<string, Bound>,
  ): Launch => {
    const { rows, columns } = matrix(w);
    const own = { left: d_y, weight: weight(w), x, partial: partial(w) };
    return launch(`${kind}.backward`, { ...own, ...epilogue }, (n) => [
      ceilDiv(columns / 4, 8),
      ceilDiv(rows, tileRows) * splits + ceilDiv(n, tileRows),
    ]);
  };
  const norm = (w: string, x: Bound, y: Bound, rstd: Bound, decode = false): Launch =>
    launch(decode ? 'norm.decode' : 'norm', { x, scale: weight(w), y, rstd }, (n) => [
      ceilDiv(n, 32),
    ]);
  const dNorm = (w: string, x: Bound, rstd: Bound, first: boolean): Launch =>
    launch(
      first ? 'norm.backward_first' : 'norm.backward',
      {
        ...{ x, weight: weight(w), rstd, d_y: b('d_normed') },
        ...{ d_x: b('d_residual'), partial: partial(w) },
      },
      (n) => [ceilDiv(CP / 4, 32) * splits + ceilDiv(n, 32)],
    );

  const L = config.n_layer;
  /** The residual stream that layer l hands on. */
  const after = (l: number): GPUBuffer => b(l + 1 < L ? `${l + 1}.residual` : 'last.residual');

  const layer = (l: number, decode: boolean): Launch[] => {
    const qkv = decode ? b('decode_qkv') : b(`${l}.qkv`);
    const attention = decode
      ? launch(
          'attention.decode',
          { qkv, prompts: b(`${l}.qkv`), cache: b(`${l}.cache`), out: b(`${l}.attention`) },
          (n) => [ceilDiv(n * config.n_head, 32)],
        )
      : launch('attention', { qkv, out: b(`${l}.attention`), lse: b(`${l}.lse`) }, (n) => [
          ceilDiv(4 * ceilDiv(n, 4) * config.n_head, 64),
        ]);
    return [
      norm(`${l}.norm1`, b(`${l}.residual`), b(`${l}.normed1`), b(`${l}.rstd1`), decode),
      linear('qkv', `${l}.qkv`, b(`${l}.normed1`), qkv, 3 * A, {}, decode),
      attention,
      linear(
        'o',
        `${l}.o`,
        b(`${l}.attention`),
        b(`${l}.middle`),
        CP,
        { residual: b(`${l}.residual`) },
        decode,
      ),
      norm(`${l}.norm2`, b(`${l}.middle`), b(`${l}.normed2`), b(`${l}.rstd2`), decode),
      linear(
        'gate_up',
        `${l}.gate_up`,
        b(`${l}.normed2`),
        b(`${l}.gate_up`),
        2 * F,
        { act: b(`${l}.act`) },
        decode,
      ),
      linear(
        'down',
        `${l}.down`,
        b(`${l}.act`),
        after(l),
        CP,
        { residual: b(`${l}.middle`) },
        decode,
      ),
    ];
  };
  const tail = (decode: boolean): Launch[] => [
    norm('norm', b('last.residual'), b('last.normed'), b('last.rstd'), decode),
    linear('head', 'head', b('last.normed'), b('logits'), VP, {}, decode),
  ];

  const layerBackward = (l: number): Launch[] => [
    // d_residual holds the gradient of what the layer handed on; it flows on unchanged beside both branches.
    linearBackward('down', `${l}.down`, b('d_residual'), b(`${l}.act`), {
      gate_up: b(`${l}.gate_up`),
      d_gate_up: b('d_gate_up'),
    }),
    linearBackward('gate_up', `${l}.gate_up`, b('d_gate_up'), b(`${l}.normed2`), {
      y: b('d_normed'),
    }),
    dNorm(`${l}.norm2`, b(`${l}.middle`), b(`${l}.rstd2`), false),
    linearBackward('o', `${l}.o`, b('d_residual'), b(`${l}.attention`), { y: b('d_attention') }),
    launch(
      'attention.d_query',
      {
        qkv: b(`${l}.qkv`),
        out: b(`${l}.attention`),
        lse: b(`${l}.lse`),
        d_out: b('d_attention'),
        delta: b('delta'),
        d_qkv: b('d_qkv'),
      },
      (n) => [ceilDiv(4 * ceilDiv(n, 4) * config.n_head, 64)],
    ),
    launch(
      'attention.d_key',
      {
        qkv: b(`${l}.qkv`),
        lse: b(`${l}.lse`),
        d_out: b('d_attention'),
        delta: b('delta'),
        d_qkv: b('d_qkv'),
      },
      (n) => [ceilDiv(4 * ceilDiv(n, 4) * config.n_head, 64)],
    ),
    linearBackward('qkv', `${l}.qkv`, b('d_qkv'), b(`${l}.normed1`), { y: b('d_normed') }),
    dNorm(`${l}.norm1`, b(`${l}.residual`), b(`${l}.rstd1`), false),
  ];

  const layers = Array.from({ length: L }, (_, l) => l);
  const perSequence: Launch['workgroups'] = (n) => [ceilDiv(n, 32)];
  const embed = { weight: weight('embed'), x: b('0.residual') };
  // Of the first layer it is the norm, too.
  const firstNorm = { scale: weight('0.norm1'), y: b('0.normed1'), rstd: b('0.rstd1') };
  const embedding = launch('embedding', { ...embed, ...firstNorm }, perSequence);
  const forwardLayers = layers.map((l) => (l === 0 ? layer(l, false).slice(1) : layer(l, false)));
  const value = layout.hasValue ? valuePasses(parts) : undefined;

  const decodeLayers = [...layers.flatMap((l) => layer(l, true)), ...tail(true)];
  const rowsAndChannels: Launch['workgroups'] = (n) => [ceilDiv(CP / 4, 8), ceilDiv(n, 8)];
  const latentPasses = (): Passes['latent'] => {
    const fed = { ...embed, ...firstNorm, latent: b('latent'), mixtures: b('mixtures') };
    const mixing = { mixing: parts.uniforms.mixing as Bound, mixtures: b('sampled_mixtures') };
    const drawn = { logits: b('logits'), tokens: b('tokens'), records: b('records') };
    return {
      forward: [
        launch('embedding.latent', fed, perSequence),
        ...forwardLayers.flat(),
        ...tail(false),
      ],
      decodeToken: [
        ...decodeLayers,
        launch('sample.latent', { ...mixing, ...drawn }, perSequence),
        launch('sample.mix', { ...mixing, ...embed }, rowsAndChannels),
      ],
    };
  };

  return {
    value,
    ...(workspace.sizes.latent && { latent: latentPasses() }),
    forward: [embedding, ...forwardLayers.flat(), ...tail(false)],
    backward: [
      linearBackward('head', 'head', b('logits'), b('last.normed'), { y: b('d_normed') }),
      ...(value?.backward ?? []),
      dNorm('norm', b('last.residual'), b('last.rstd'), true),
      ...layers.toReversed().flatMap(layerBackward),
      launch('embedding.d_weight', { d_x: b('d_residual'), partial: partial('embed') }, () => [
        ceilDiv(CP / 4, 8),
        ceilDiv(config.vocab_size, 8),
        splits,
      ]),
    ],
    // Sampling needs only the prompts' keys and values: nothing past the last layer's qkv.
    prefill: [
      embedding,
      ...forwardLayers.slice(0, -1).flat(),
      ...(forwardLayers[L - 1] as Launch[]).slice(0, L > 1 ? 2 : 1),
    ],
    decodeBegin: [
      launch('sample.begin', { embedding: weight('embed'), x: b('0.residual') }, perSequence),
    ],
    decodeToken: [
      ...decodeLayers,
      launch(
        'sample',
        {
          logits: b('logits'),
          embedding: weight('embed'),
          tokens: b('tokens'),
          records: b('records'),
          x: b('0.residual'),
        },
        perSequence,
      ),
    ],
    decodeCompact: [
      launch(
        'sample.compact',
        { embedding: weight('embed'), tokens: b('tokens'), x: b('0.residual') },
        perSequence,
      ),
    ],
    referenceLogp: [
      launch(
        'reference_logp',
        { logits: b('logits'), actions: b('actions'), facts: b('facts') },
        (n) => [ceilDiv(n, 32)],
      ),
    ],
    currentStats: [
      launch(
        'current_stats',
        { logits: b('logits'), actions: b('actions'), facts: b('facts'), current: b('stats') },
        (n) => [ceilDiv(n, 32)],
      ),
    ],
  };
}
