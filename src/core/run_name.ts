/** A name that one can remember and say aloud, from a run's id: two words, always the same for one id. */

const FIRST =
  'amber brisk calm candid clear clever coral crisp dusky early fair fleet gentle golden grand hardy humble ivory jolly keen light lively lucid mellow merry misty noble patient plain proud quiet rapid ruby sandy serene silver steady stern sunny swift tidy vivid warm wise'.split(
    ' ',
  );
const SECOND =
  'acorn alder aspen badger beacon birch brook canyon cedar comet crane delta falcon fern finch fjord garnet grove harbor hazel heron island juniper kestrel lagoon lantern lark linden lynx maple marten meadow osprey otter pebble pine plover quartz raven reef ridge robin sparrow spruce summit thistle tundra valley willow wren'.split(
    ' ',
  );

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (const character of text) h = Math.imul(h ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return h >>> 0;
}

/** @param taken names that are in use; the next pair of words is tried while it is */
export function runName(id: string, taken: ReadonlySet<string> = new Set()): string {
  const pairs = FIRST.length * SECOND.length;
  const start = hash(id) % pairs;
  for (let i = 0; i < pairs; i++) {
    const at = (start + i * 7919) % pairs;
    const name = `${FIRST[at % FIRST.length]} ${SECOND[Math.floor(at / FIRST.length)]}`;
    if (!taken.has(name)) return name;
  }
  return id;
}
