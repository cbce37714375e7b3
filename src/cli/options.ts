/** What the commands' options have in common: values that are checked, and the commit that results name. */
import { execFileSync } from 'node:child_process';

/** @throws {RangeError} not a whole number, or below `least` */
export function wholeNumber(option: string, text: string, least: number): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isInteger(number) && number >= least) return number;
  throw new RangeError(`--${option}: must be a whole number ≥ ${least}, got ${text || 'nothing'}`);
}

/** Of a list with commas. @throws {RangeError} one of them is not a whole number, or below `least` */
export const wholeNumbers = (option: string, text: string, least: number): number[] =>
  text.split(',').map((part) => wholeNumber(option, part, least));

/** @throws {RangeError} not one of `known` */
export function oneOf<Id extends string>(option: string, text: string, known: Iterable<Id>): Id {
  const ids = [...known];
  const found = ids.find((id) => id === text);
  if (found !== undefined) return found;
  throw new RangeError(`--${option}: must be one of ${ids.join(', ')}, got ${text}`);
}

/** Of a list with commas. @throws {RangeError} one of them is none of `known` */
export function someOf(option: string, text: string, known: Iterable<string>): string[] {
  const ids = [...known];
  const asked = text.split(',').filter(Boolean);
  const unknown = asked.find((id) => !ids.includes(id));
  if (unknown === undefined) return asked;
  throw new RangeError(`--${option}: must be some of ${ids.join(', ')}, got ${unknown}`);
}

/** Short name of the commit that is checked out. */
export function commitOf(): string {
  return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
}
