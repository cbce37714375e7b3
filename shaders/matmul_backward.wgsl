// matmul_backward: both gradients of a linear layer. They read the same dY and neither waits for the other, so they are one
// dispatch: the shares of dW come first, as each is the longer loop.
//
// Needs what matmul_nn.wgsl and matmul_tn.wgsl need. Dispatch: x over I/4; y over WEIGHT_GROUPS · SPLITS workgroups for dW
// and N/TILE threads for dX. Test: test/kernels/matmul.test.ts

const WEIGHT_GROUPS = (O + 8u * TILE - 1u) / (8u * TILE); // along O, of one share

@compute @workgroup_size(8, 8)
fn matmul_backward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let column = group.x * 8u + local.x;
  let g = group.y;
  if (g < WEIGHT_GROUPS * SPLITS) {
    d_weight(column, g % WEIGHT_GROUPS * 8u + local.y, g / WEIGHT_GROUPS);
  } else {
    d_input(column, (g - WEIGHT_GROUPS * SPLITS) * 8u + local.y);
  }
}
