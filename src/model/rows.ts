/**
 * Where the rows of sequences stand in a batch (shaders/lib/rows_packed.wgsl). Neighbors with the same prompt share its rows:
 * forward they are computed once, and on the way back the gradient of all who saw them flows into them. The last one is
 * not shared: it predicts the first token of each response, so each has a loss of its own there.
 */

/** Words of a row: token, position, first, end, prompt. */
export const ROW = 5;

export interface Tokens {
  prompt: ArrayLike<number>;
  response: ArrayLike<number>;
}

/** Of a sequence that shares nothing: its last token is not fed. */
export const rowsOf = (s: Tokens): number => s.prompt.length + s.response.length - 1;

/** Where a sequence stands in a batch: the tokens before `shared` in rows from `prompt` on, the others from `first` on. */
export interface Place {
  prompt: number;
  shared: number;
  first: number;
  /** After its last row. */
  end: number;
}

/** Whether the second of two neighbors finds the rows of its prompt where the first has them. */
export const sharesPrompt = (a: Tokens | undefined, b: Tokens | undefined): boolean =>
  !!a &&
  !!b &&
  a.response.length > 0 &&
  b.response.length > 0 &&
  a.prompt.length === b.prompt.length &&
  b.prompt.length > 1 &&
  Array.from(b.prompt).every((token, i) => token === a.prompt[i]);

/**
 * Rows of each sequence, in order, as they follow one another.
 * @param rows of a sequence that shares nothing
 */
export function placeRows<S extends Tokens>(
  sequences: readonly S[],
  rows: (s: S) => number = rowsOf,
): Place[] {
  const places: Place[] = [];
  let next = 0;
  sequences.forEach((s, i) => {
    const before = sharesPrompt(sequences[i - 1], s) ? places[i - 1] : undefined;
    const isFirst = !before && sharesPrompt(s, sequences[i + 1]);
    const prompt = before ? before.prompt : next;
    const shared = before || isFirst ? s.prompt.length - 1 : 0;
    const first = next + (isFirst ? shared : 0);
    next = first + rows(s) - shared;
    places.push({ prompt, shared, first, end: next });
  });
  return places;
}
