/** The dispatches of a value head (shaders/value_head.wgsl), between the last norm's output and its gradient. */
import { ceilDiv, type Launch } from '../gpu/launch.ts';
import { bindPolicy, type PolicyParts } from './bindings.ts';

export interface ValuePasses {
  /** After the last norm: the value of every row, alone. */
  value: Launch[];
  /** After the forward pass: values, losses and their gradient in the values; and their sums. */
  loss: Launch[];
  /** Once the gradient of the policy stands in the last norm's output: adds that of the value. */
  backward: Launch[];
}

export function valuePasses(parts: PolicyParts): ValuePasses {
  const { layout, workspace, uniforms } = parts;
  const { weight, partial, launch } = bindPolicy(parts);
  const b = (name: string): GPUBuffer => workspace.buffer(name);
  const values = { values: b('values') };
  const read = { y: b('last.normed'), head: weight('value'), facts: b('facts'), ...values };
  const critic = uniforms.critic as GPUBuffer;
  const C4 = layout.CP / 4;
  const perRow: Launch['workgroups'] = (n) => [ceilDiv(n, 32)];
  return {
    value: [launch('value', read, perRow)],
    loss: [
      launch('value.loss', { ...read, critic, targets: b('targets') }, perRow),
      launch('value.sum', { ...values, sums: b('value_sums') }, () => [1]),
    ],
    backward: [
      launch('value.d_weight', { ...values, y: read.y, partial: partial('value') }, () => [
        ceilDiv(C4 + 1, 32),
        workspace.sizes.splits,
      ]),
      launch('value.d_input', { ...values, head: read.head, d_y: b('d_normed') }, (n) => [
        ceilDiv(C4, 8),
        ceilDiv(n, 8),
      ]),
    ],
  };
}
