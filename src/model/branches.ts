/**
 * "What would the policy say if the response ended its reasoning here?", asked after many prefixes of a sequence in one
 * forward pass. The sequence is fed once; each question is one more row, a forced token that shares one prefix with it
 * (shaders/lib/rows_packed.wgsl). Nobody sees it, and rows of the prefix do not know of it: there is no way back.
 */
import type { PackedBatch } from './batch.ts';
import { type Fed, latentRows, type Mixtures } from './latent_rows.ts';
import { ROW } from './rows.ts';

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
 * come back in their order.
 * @throws {RangeError} a sequence longer than the capacity; a question after more tokens than there are
 */
export function packBranches(sequences: readonly Branched[], capacity: number): PackedBatch[] {
  const parts: Branched[][] = [];
  let room = 0;
  for (const s of sequences) {
    const rows = rowsOf(s);
    if (fedTokens(s) > s.response.length) {
      throw new RangeError(
        `packBranches: a question must follow at most ${s.response.length} tokens, got ${fedTokens(s)}`,
      );
    }
    if (rows > capacity) {
      throw new RangeError(`packBranches: a sequence must fit ${capacity} rows, got ${rows}`);
    }
    if (rows > room) {
      parts.push([]);
      room = capacity;
    }
    (parts[parts.length - 1] as Branched[]).push(s);
    room -= rows;
  }
  return parts.map(pack);
}

function pack(sequences: readonly Branched[]): PackedBatch {
  const N = sequences.reduce((sum, s) => sum + rowsOf(s), 0);
  const rows = new Uint32Array(ROW * N);
  const actions = new Uint32Array(N);
  const facts = new Float32Array(4 * N);
  const places: Fed[] = [];
  let first = 0;
  for (const s of sequences) {
    const P = s.prompt.length;
    const fed = P + fedTokens(s);
    places.push({ first, prompt: P, fed, mixtures: s.mixtures });
    for (let i = 0; i < fed; i++) {
      const token = i < P ? s.prompt[i] : s.response[i - P];
      rows.set([token as number, i, first, first + fed, first], ROW * (first + i));
    }
    s.questions.forEach(({ after, forced, action }, k) => {
      const n = first + fed + k;
      rows.set([forced, P + after, n, n + 1, first], ROW * n);
      actions[n] = action;
      facts[4 * n] = 1;
    });
    first += fed + s.questions.length;
  }
  const latent = latentRows(rows, places);
  return { N, rows, actions, facts, ...(latent && { latent }) };
}
