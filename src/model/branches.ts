/**
 * "What would the policy say if the response ended its reasoning here?", asked after many prefixes of a sequence in one
 * forward pass. The sequence is fed once; each question is one more row after it, a forced token that sees a prefix of it
 * (shaders/lib/rows_packed.wgsl). Nobody sees it, and rows of the prefix do not know of it: there is no way back.
 */
import { cutByRows, type PackedBatch } from './batch.ts';
import { type Fed, latentRows, type Mixtures } from './latent_rows.ts';
import { type Place, placeRows, ROW } from './rows.ts';

export interface Branched {
  prompt: ArrayLike<number>;
  response: ArrayLike<number>;
  questions: readonly Question[];
  /** Of its first response tokens, where those are latent positions. */
  mixtures?: Mixtures;
}

export interface Question {
  /** Response tokens before the forced one. */
  after: number;
  /** Id of the token that is fed. */
  forced: number;
  /** Id whose log-probability is read next. */
  action: number;
}

const fedTokens = ({ questions }: Branched): number =>
  questions.reduce((most, { after }) => Math.max(most, after), 0);

const rowsOf = (s: Branched): number => s.prompt.length + fedTokens(s) + s.questions.length;

/**
 * Passes of at most `capacity` rows, whole sequences each, for model/current.ts: only questions carry weight, so they
 * come back in their order. Neighbors with the same prompt share its rows, as in training (rows.ts).
 * @throws {RangeError} a sequence longer than the capacity; a question after more tokens than there are
 */
export function packBranches(sequences: readonly Branched[], capacity: number): PackedBatch[] {
  for (const s of sequences) {
    if (fedTokens(s) > s.response.length) {
      throw new RangeError(
        `packBranches: a question must follow at most ${s.response.length} tokens, got ${fedTokens(s)}`,
      );
    }
  }
  return cutByRows(sequences, capacity, rowsOf).map(pack);
}

function pack(sequences: readonly Branched[]): PackedBatch {
  const places = placeRows(sequences, rowsOf);
  const N = places.at(-1)?.end ?? 0;
  const rows = new Uint32Array(ROW * N);
  const actions = new Uint32Array(N);
  const facts = new Float32Array(4 * N);
  const fed: Fed[] = [];
  sequences.forEach((s, b) => {
    const { prompt, shared, first, end } = places[b] as Place;
    const P = s.prompt.length;
    const length = P + fedTokens(s);
    const from = shared > 0 ? prompt : first;
    fed.push({ first: first - shared, prompt: P, fed: length, mixtures: s.mixtures });
    for (let i = 0; i < shared; i++) {
      rows.set([s.prompt[i] as number, i, prompt, end, prompt], ROW * (prompt + i));
    }
    for (let i = shared; i < length; i++) {
      const token = (i < P ? s.prompt[i] : s.response[i - P]) as number;
      rows.set([token, i, first, end, from], ROW * (first + i - shared));
    }
    s.questions.forEach(({ after, forced, action }, k) => {
      const n = first + length - shared + k;
      rows.set([forced, P + after, first, end, from], ROW * n);
      actions[n] = action;
      facts[4 * n] = 1;
    });
  });
  const latent = latentRows(rows, fed);
  return { N, rows, actions, facts, ...(latent && { latent }) };
}
