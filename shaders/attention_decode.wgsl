// attention_decode: attention of one new token per sequence while sampling.
//
// Keys and values come from two places: the prompt's, computed once per prompt and shared by its G responses, lie in
// the prefilled batch; the response's own lie in the cache, which this kernel also extends.
//
//   in      qkv      [B, 3A] of the new tokens, turned by RoPE
//   in      prompts  [N, 3A] of the prefilled prompts
//   in/out  cache    [B, R, 2A] keys and values of the responses
//   out     out      [B, A]
//
// Constants: H, D, A, SCALE as in attention.wgsl. Needs lib/rows_decode.wgsl. One thread per (sequence, head).
// Dispatch: x over B · H. Test: test/model/generate.test.ts

const D4 = D / 4u;
const A4 = A / 4u;

@group(0) @binding(3) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(4) var<storage, read> prompts: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> cache: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> out: array<vec4f>;

@compute @workgroup_size(32)
fn attention_decode(@builtin(global_invocation_id) id: vec3u) {
  let b = id.x / H;
  let h = id.x % H;
  if (!row_alive(b)) { return; }
  let slots = b * rollout.R;
  let slot = state[b].x;
  let own = b * 3u * A4 + h * D4;
  var q: array<vec4f, D4>;
  var sum: array<vec4f, D4>;
  for (var d = 0u; d < D / 4u; d++) {
    q[d] = qkv[own + d] * SCALE;
    sum[d] = vec4f();
    cache[(slots + slot) * 2u * A4 + h * D4 + d] = qkv[own + A4 + d];
    cache[(slots + slot) * 2u * A4 + A4 + h * D4 + d] = qkv[own + 2u * A4 + d];
  }
  var top = -3.4e38;
  var total = 0.0;
  let first = sequences[b].x;
  for (var m = first; m < first + sequences[b].y; m++) {
    let key = m * 3u * A4 + A4 + h * D4;
    var s = 0.0;
    for (var d = 0u; d < D / 4u; d++) { s += dot(q[d], prompts[key + d]); }
    let top_now = max(top, s);
    let keep = exp(top - top_now);
    let p = exp(s - top_now);
    total = total * keep + p;
    for (var d = 0u; d < D / 4u; d++) { sum[d] = sum[d] * keep + p * prompts[key + A4 + d]; }
    top = top_now;
  }
  for (var t = 0u; t <= slot; t++) {
    let key = (slots + t) * 2u * A4 + h * D4;
    var s = 0.0;
    for (var d = 0u; d < D / 4u; d++) { s += dot(q[d], cache[key + d]); }
    let top_now = max(top, s);
    let keep = exp(top - top_now);
    let p = exp(s - top_now);
    total = total * keep + p;
    for (var d = 0u; d < D / 4u; d++) { sum[d] = sum[d] * keep + p * cache[key + A4 + d]; }
    top = top_now;
  }
  for (var d = 0u; d < D / 4u; d++) { out[b * A4 + h * D4 + d] = sum[d] / total; }
}
