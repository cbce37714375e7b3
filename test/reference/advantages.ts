// Advantage estimators as verl has them (verl-project/verl, commit 1dda039b), in float64. A
// response's reward arrives on its last token.
//
//   B responses   T positions, padded   group[b] is the prompt that response b answers

type Matrix = number[][]; // [B, T]

export interface Rollouts {
  score: number[]; // [B]
  group: number[]; // [B]
  mask: Matrix; // [B, T] 1 on response tokens
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const mean = (values: number[]) => sum(values) / values.length;

/** Sample standard deviation: divides by n − 1. */
function std(values: number[]): number {
  const center = mean(values);
  return Math.sqrt(sum(values.map((x) => (x - center) ** 2)) / (values.length - 1));
}

/** Indices of the responses in b's group, b among them. */
const members = (group: number[], b: number) =>
  group.flatMap((other, index) => (other === group[b] ? [index] : []));

/** The same number on every response token, 0 on the rest. */
const broadcast = (values: number[], mask: Matrix): Matrix =>
  mask.map((row, b) => row.map((m) => m * values[b]));

/** Mean 0 and sample variance 1 over the response tokens; other positions are shifted likewise. */
export function whiten(values: Matrix, mask: Matrix): Matrix {
  const kept = values.flat().filter((_, i) => mask.flat()[i] !== 0);
  const center = mean(kept);
  const scale = 1 / Math.sqrt(std(kept) ** 2 + 1e-8);
  return values.map((row) => row.map((x) => (x - center) * scale));
}

const masked = (values: Matrix, mask: Matrix): Matrix =>
  values.map((row, b) => row.map((x, t) => x * mask[b][t]));

/** score − mean of the group, or the raw score in a group of one. */
function centered({ score, group }: Rollouts): number[] {
  return score.map((own, b) => {
    const scores = members(group, b).map((i) => score[i]);
    return scores.length === 1 ? own : own - mean(scores);
  });
}

export function grpo(rollouts: Rollouts): Matrix {
  const { score, group, mask } = rollouts;
  const scaled = centered(rollouts).map((value, b) => {
    const scores = members(group, b).map((i) => score[i]);
    return value / ((scores.length === 1 ? 1 : std(scores)) + 1e-6);
  });
  return broadcast(scaled, mask);
}

export function dr_grpo(rollouts: Rollouts): Matrix {
  return broadcast(centered(rollouts), rollouts.mask);
}

/** score − mean of the others in the group. */
export function rloo({ score, group, mask }: Rollouts): Matrix {
  const values = score.map((own, b) => {
    const others = members(group, b).filter((i) => i !== b);
    return others.length === 0 ? own : own - mean(others.map((i) => score[i]));
  });
  return broadcast(values, mask);
}

/** score − mean of the group in which a response counts by its length. */
export function opo({ score, group, mask }: Rollouts): Matrix {
  const values = score.map((own, b) => {
    const list = members(group, b);
    const lengths = list.map((i) => sum(mask[i]));
    return list.length === 1
      ? own
      : own - sum(list.map((i, j) => score[i] * lengths[j])) / sum(lengths);
  });
  return broadcast(values, mask);
}

/** Only the best of a group has an advantage: its lead over the second, over the group's std. */
export function grpo_passk({ score, group, mask }: Rollouts): Matrix {
  const values = score.map((own, b) => {
    const list = members(group, b);
    const scores = list.map((i) => score[i]);
    const best = list[scores.indexOf(Math.max(...scores))];
    if (best !== b) return 0;
    const second = Math.max(...list.filter((i) => i !== b).map((i) => score[i]));
    return (own - second) / (std(scores) + 1e-6);
  });
  return broadcast(values, mask);
}

/** Discounted reward to go, then one whitening over the batch's response tokens. */
export function reinforce_plus_plus({ score, mask }: Rollouts, gamma: number): Matrix {
  const returns = mask.map((row, b) => {
    const last = row.lastIndexOf(1);
    return row.map((m, t) => (m === 0 ? 0 : score[b] * gamma ** (last - t)));
  });
  return masked(whiten(returns, mask), mask);
}

export function reinforce_plus_plus_baseline(rollouts: Rollouts): Matrix {
  const { mask } = rollouts;
  return masked(whiten(broadcast(centered(rollouts), mask), mask), mask);
}

/** Generalized advantage estimation; `returns` are taken before the whitening. */
export function gae(
  { score, mask }: Rollouts,
  values: Matrix,
  gamma: number,
  lambda: number,
): { advantages: Matrix; returns: Matrix } {
  const raw = mask.map((row, b) => {
    const last = row.lastIndexOf(1);
    const out = new Array<number>(row.length).fill(0);
    let next = { value: 0, advantage: 0 };
    for (let t = row.length - 1; t >= 0; t--) {
      if (row[t] === 0) continue;
      const delta = (t === last ? score[b] : 0) + gamma * next.value - values[b][t];
      next = { value: values[b][t], advantage: delta + gamma * lambda * next.advantage };
      out[t] = next.advantage;
    }
    return out;
  });
  return {
    advantages: masked(whiten(raw, mask), mask),
    returns: raw.map((row, b) => row.map((x, t) => (x + values[b][t]) * mask[b][t])),
  };
}
