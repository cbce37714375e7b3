/**
 * Writes short loops out. Compilers of GPUs do it by themselves; SwiftShader's does not, and there an array that a loop
 * indexes costs as much as a read of storage, one with constant indices nearly nothing.
 */

const LOOP = /\bfor \(var (\w+) = 0u; \1 < (\w+) \/ 4u; \1\+\+\) \{/;
/** Times that a loop is written out at most: text grows, and with it the time to compile. */
const MOST = 8;

/** `for (var d = 0u; d < D / 4u; d++) { … }` where D is a given constant: the body once for each d. Lines stay. */
export function unrolled(text: string, constants: Readonly<Record<string, number>>): string {
  const match = LOOP.exec(text);
  if (!match) return text;
  const [head, variable, bound] = match as unknown as [string, string, string];
  const open = match.index + head.length;
  const close = closing(text, open);
  const body = unrolled(text.slice(open, close), constants);
  const rest = unrolled(text.slice(close + 1), constants);
  const before = text.slice(0, match.index);
  const count = (constants[bound] ?? Number.NaN) / 4;
  if (!(count <= MOST)) return `${before}${head}${body}}${rest}`;
  const flat = body.replace(/\/\/.*$/gm, '').replace(/\n/g, ' ');
  const copies = Array.from(
    { length: count },
    (_, i) => `{ const ${variable} = ${i}u; ${i === 0 ? body : flat} }`,
  );
  return `${before}${copies.join(' ')}${rest}`;
}

/** Place of the brace that closes what is open at `from`. */
function closing(text: string, from: number): number {
  let depth = 1;
  let at = from;
  while (depth > 0) {
    if (at >= text.length) throw new Error('unrolled: braces must close, got the end of the text');
    if (text[at] === '{') depth++;
    if (text[at] === '}') depth--;
    at++;
  }
  return at - 1;
}
