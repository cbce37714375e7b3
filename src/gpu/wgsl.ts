/** Reads what a kernel needs from its WGSL: the bindings that an entry point uses, also through functions it calls. */

export interface WgslBinding {
  name: string;
  binding: number;
  type: GPUBufferBindingType;
}

const BINDING =
  /@group\(0\)\s*@binding\((\d+)\)\s*var<(uniform|storage(?:,\s*(read_write|read))?)>\s*(\w+)/g;
const FUNCTION = /\bfn\s+(\w+)\s*\(/g;

/** @throws {Error} unknown entry point, or two used bindings with one number */
export function entryBindings(code: string, entry: string): WgslBinding[] {
  const text = code.replace(/\/\/.*$/gm, '');
  const bodies = functionBodies(text);
  if (!bodies.has(entry))
    throw new Error(`entryBindings: entry must be a function of the WGSL, got ${entry}`);
  const used = wordsReachable(bodies, entry);
  const found: WgslBinding[] = [];
  for (const [, number, kind, access, name] of text.matchAll(BINDING)) {
    if (!used.has(name as string)) continue;
    const type =
      kind === 'uniform' ? 'uniform' : access === 'read_write' ? 'storage' : 'read-only-storage';
    const clash = found.find((b) => b.binding === Number(number));
    if (clash)
      throw new Error(
        `entryBindings: binding ${number} must be used once in ${entry}, got ${clash.name} and ${name}`,
      );
    found.push({ name: name as string, binding: Number(number), type });
  }
  return found;
}

/** Function name → its text between the braces. */
function functionBodies(text: string): Map<string, string> {
  const bodies = new Map<string, string>();
  for (const match of text.matchAll(FUNCTION)) {
    const open = text.indexOf('{', match.index);
    let depth = 0;
    let end = open;
    do {
      if (text[end] === '{') depth++;
      if (text[end] === '}') depth--;
      end++;
    } while (depth > 0 && end < text.length);
    bodies.set(match[1] as string, text.slice(open, end));
  }
  return bodies;
}

function wordsReachable(bodies: Map<string, string>, entry: string): Set<string> {
  const words = new Set<string>();
  const queue = [entry];
  while (queue.length > 0) {
    const body = bodies.get(queue.pop() as string) ?? '';
    for (const [word] of body.matchAll(/(?<![.\w])[A-Za-z_]\w*/g)) {
      if (words.has(word)) continue;
      words.add(word);
      if (bodies.has(word)) queue.push(word);
    }
  }
  return words;
}
