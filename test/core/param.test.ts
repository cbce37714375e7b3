import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultsOf, formatParam, type Param, parseParam, rangeOf } from '../../src/core/param.ts';
import { TRAINER_PARAMS } from '../../src/core/settings.ts';

const declared = { label: 'x', help: 'x' };
const number: Param = { kind: 'number', default: 0.5, min: 0, max: 1, ...declared };
const integer: Param = { kind: 'number', default: 3, min: 1, max: 9, integer: true, ...declared };
const choice: Param = {
  kind: 'choice',
  default: 0,
  options: [
    { id: 'a', label: 'A' },
    { id: 'b', label: 'B' },
  ],
  ...declared,
};
const onOff: Param = { kind: 'switch', default: 1, ...declared };

test.each([
  [number, 0.25, 0.25],
  [number, '0.25', 0.25],
  [number, '1e-3', 0.001],
  [number, 0, 0],
  [number, 1, 1],
  [integer, '4', 4],
  [choice, 'b', 1],
  [choice, 1, 1],
  [onOff, true, 1],
  [onOff, 'false', 0],
  [onOff, '1', 1],
])('takes a value in range (%#)', (param, value, expected) => {
  expect(parseParam('m.p', param, value)).toBe(expected);
});

test.each([
  [number, 1.01, 'm.p: must be a number from 0 to 1, got 1.01'],
  [number, -1e-9, 'm.p: must be a number from 0 to 1, got -1e-9'],
  [number, '', 'm.p: must be a number from 0 to 1, got ""'],
  [number, ' ', 'm.p: must be a number from 0 to 1, got " "'],
  [number, 'much', 'm.p: must be a number from 0 to 1, got "much"'],
  [number, null, 'm.p: must be a number from 0 to 1, got null'],
  [number, true, 'm.p: must be a number from 0 to 1, got true'],
  [number, undefined, 'm.p: must be a number from 0 to 1, got undefined'],
  [integer, 2.5, 'm.p: must be a whole number from 1 to 9, got 2.5'],
  [choice, 'c', 'm.p: must be one of a, b, got "c"'],
  [choice, 2, 'm.p: must be one of a, b, got 2'],
  [onOff, 'yes', 'm.p: must be true or false, got "yes"'],
])('refuses others with name, range and value (%#)', (param, value, message) => {
  expect(() => parseParam('m.p', param, value)).toThrow(new RangeError(message));
});

test('refuses what is not finite', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 'Infinity', 'NaN', [], {}]) {
    expect(() => parseParam('m.p', number, value)).toThrow(RangeError);
  }
});

test('a formatted value is read back', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (value) => {
      expect(parseParam('m.p', number, formatParam(number, value))).toBe(value);
      expect(parseParam('m.p', number, String(formatParam(number, value)))).toBe(value);
    }),
  );
  for (const param of [choice, onOff]) {
    for (const value of [0, 1]) {
      expect(parseParam('m.p', param, formatParam(param, value))).toBe(value);
      expect(parseParam('m.p', param, String(formatParam(param, value)))).toBe(value);
    }
  }
});

test('defaults carry full names and lie in range', () => {
  const values = defaultsOf('trainer', TRAINER_PARAMS);
  expect(values['trainer.group_size']).toBe(8);
  for (const [name, param] of Object.entries(TRAINER_PARAMS)) {
    expect(parseParam(name, param, values[`trainer.${name}`]), rangeOf(param)).toBe(param.default);
  }
});
