/** What an adapter does not compile, and what takes its place: nothing but speed depends on which of the two it is. */

export interface Compiled<Id, T> {
  made: T;
  /** Of the two that which could be had. */
  id: Id;
  /** Why it is not the one that was wanted. */
  note?: string;
}

/**
 * As it is wanted, or where the adapter does not compile that, in the way that runs everywhere.
 * @param instead what is told where it is not as wanted, before the compiler's own words
 * @throws {Error} what the compiler says of the safe one, which refuses what is wrong in itself, too
 */
export async function compiledOr<Id, T>(
  { wanted, safe }: { wanted: Id; safe: Id },
  compile: (id: Id) => Promise<T>,
  instead: string,
): Promise<Compiled<Id, T>> {
  if (wanted === safe) return { made: await compile(safe), id: safe };
  try {
    return { made: await compile(wanted), id: wanted };
  } catch (error) {
    const made = await compile(safe);
    const why = error instanceof Error ? error.message : String(error);
    return { made, id: safe, note: `${instead} (${why})` };
  }
}
