/** A folder as a registry: what `import.meta.glob` found, by id. Used by tasks and methods. */

/**
 * @param kind  what the items are, for the message
 * @param found file → item, as an eager glob with `import: 'default'` returns it
 * @throws {Error} two files declare one id
 */
export function registry<T extends { id: string }>(
  kind: string,
  found: Readonly<Record<string, T>>,
): ReadonlyMap<string, T> {
  const items = new Map<string, T>();
  for (const [file, item] of Object.entries(found)) {
    if (items.has(item.id)) throw new Error(`${file}: ${kind} id "${item.id}" is taken already`);
    items.set(item.id, item);
  }
  return items;
}
