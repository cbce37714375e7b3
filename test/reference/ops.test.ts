// Each layer's backward pass against central differences of its forward pass, on shapes where
// nothing divides anything. The scalar is dot(out, dOut) with a random dOut.

import { describe, expect, it } from 'vitest';
import {
  attentionBackward,
  attentionForward,
  embeddingBackward,
  embeddingForward,
  linearBackward,
  linearForward,
  matmul,
  rmsnormBackward,
  rmsnormForward,
  rope,
  ropeBackward,
  swigluBackward,
  swigluForward,
} from '../../src/reference/ops.ts';
import { expectClose } from '../helpers/close.ts';
import { centralDifferences, dot, randomArray, seededRandom } from './differences.ts';

// A central difference with step 1e-5 errs by about 1e-10 (step² · third derivative, and rounding
// 1e-16 / step) of numbers around 1.
const tolerance = { rtol: 1e-7, atol: 1e-8 };

// Sequences of length 1, 2 and 5.
const first = [0, 1, 1, 3, 3, 3, 3, 3];
const position = [0, 0, 1, 0, 1, 2, 3, 4];
const N = 8;
const H = 3;
const D = 10;

describe('matmul', () => {
  it('multiplies, with either operand transposed', () => {
    const a = [1, 2, 3, 4, 5, 6]; // 2x3
    const aT = [1, 4, 2, 5, 3, 6];
    const b = [1, 0, 2, 1, -1, 3]; // 3x2
    const bT = [1, 2, -1, 0, 1, 3];
    const expected = [2, 11, 8, 23];
    expect([...matmul(a, b, 2, 3, 2)]).toEqual(expected);
    expect([...matmul(aT, b, 2, 3, 2, { transposeA: true })]).toEqual(expected);
    expect([...matmul(a, bT, 2, 3, 2, { transposeB: true })]).toEqual(expected);
    expect(() => matmul(a, b, 2, 2, 2)).toThrow('matmul: need a of 2x2');
  });
});

describe('backward of each layer', () => {
  it('linear', () => {
    const random = seededRandom(1);
    const x = randomArray(N * 7, random);
    const weight = randomArray(5 * 7, random);
    const dOut = randomArray(N * 5, random);
    const f = () => dot(linearForward(x, weight, N, 7, 5), dOut);
    const { dX, dWeight } = linearBackward(dOut, x, weight, N, 7, 5);
    expectClose(dX, centralDifferences(f, x), tolerance);
    expectClose(dWeight, centralDifferences(f, weight), tolerance);
  });

  it('embedding, a token twice and one never', () => {
    const random = seededRandom(2);
    const token = [3, 0, 3, 1];
    const weight = randomArray(5 * 7, random);
    const dOut = randomArray(4 * 7, random);
    const f = () => dot(embeddingForward(weight, token, 7), dOut);
    const dWeight = embeddingBackward(dOut, token, 5, 7);
    expectClose(dWeight, centralDifferences(f, weight), tolerance);
    expect([...dWeight.slice(4 * 7)]).toEqual(new Array(7).fill(0));
  });

  it('rmsnorm, also where eps matters', () => {
    const random = seededRandom(3);
    for (const scale of [1, 1e-2]) {
      const x = randomArray(3 * 7, random).map((value) => value * scale);
      const weight = randomArray(7, random);
      const dOut = randomArray(3 * 7, random);
      const f = () => dot(rmsnormForward(x, weight, 3, 7).out, dOut);
      const { rstd } = rmsnormForward(x, weight, 3, 7);
      const { dX, dWeight } = rmsnormBackward(dOut, x, weight, rstd, 3, 7);
      expectClose(dX, centralDifferences(f, x, 1e-5 * scale), tolerance);
      expectClose(dWeight, centralDifferences(f, weight), tolerance);
    }
  });

  it('rope', () => {
    const random = seededRandom(4);
    const x = randomArray(N * H * D, random);
    const dOut = randomArray(N * H * D, random);
    const f = () => dot(rope(x, position, H, D), dOut);
    expectClose(ropeBackward(dOut, position, H, D), centralDifferences(f, x), tolerance);
  });

  it('attention', () => {
    const random = seededRandom(5);
    const q = randomArray(N * H * D, random);
    const k = randomArray(N * H * D, random);
    const v = randomArray(N * H * D, random);
    const dOut = randomArray(N * H * D, random);
    const f = () => dot(attentionForward(q, k, v, first, H, D).out, dOut);
    const { att } = attentionForward(q, k, v, first, H, D);
    const { dQ, dK, dV } = attentionBackward(dOut, q, k, v, att, first, H, D);
    expectClose(dQ, centralDifferences(f, q), { ...tolerance, label: 'dQ' });
    expectClose(dK, centralDifferences(f, k), { ...tolerance, label: 'dK' });
    expectClose(dV, centralDifferences(f, v), { ...tolerance, label: 'dV' });
  });

  it('swiglu', () => {
    const random = seededRandom(6);
    const gate = randomArray(13, random).map((value) => 5 * value);
    const up = randomArray(13, random);
    const dOut = randomArray(13, random);
    const f = () => dot(swigluForward(gate, up), dOut);
    const { dGate, dUp } = swigluBackward(dOut, gate, up);
    expectClose(dGate, centralDifferences(f, gate), tolerance);
    expectClose(dUp, centralDifferences(f, up), tolerance);
  });
});

describe('rope and attention', () => {
  it('leaves position 0 alone and makes scores depend on the distance only', () => {
    const random = seededRandom(7);
    const q = randomArray(D, random);
    const k = randomArray(D, random);
    expect([...rope(q, [0], 1, D)]).toEqual([...q]);
    const score = (i: number, j: number) => dot(rope(q, [i], 1, D), rope(k, [j], 1, D));
    expect(score(9, 4)).toBeCloseTo(score(5, 0), 12);
    expect(score(9, 4)).not.toBeCloseTo(score(4, 9), 2);
  });

  it('has rows that sum to one, a first token that sees itself, and a log-sum-exp', () => {
    const random = seededRandom(8);
    const q = randomArray(N * H * D, random);
    const k = randomArray(N * H * D, random);
    const v = randomArray(N * H * D, random);
    const { out, lse, att } = attentionForward(q, k, v, first, H, D);
    for (const row of att) expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    for (const n of [0, 1, 3]) {
      expectClose(out.slice(n * H * D, (n + 1) * H * D), v.slice(n * H * D, (n + 1) * H * D));
    }
    const score = dot(q.slice(0, D), k.slice(0, D)) / Math.sqrt(D);
    expect(lse[0]).toBeCloseTo(score, 12);
  });
});
