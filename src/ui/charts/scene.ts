/** A drawing as data: marks with explicit looks, so that a picture needs no style sheet and a test can read it. */

export interface Mark {
  tag: 'path' | 'line' | 'rect' | 'circle' | 'text';
  attrs: Record<string, string | number>;
  text?: string;
}

export function path(d: string, attrs: Mark['attrs']): Mark {
  return { tag: 'path', attrs: { d, fill: 'none', ...attrs } };
}

export function text(x: number, y: number, content: string, attrs: Mark['attrs']): Mark {
  return { tag: 'text', attrs: { x: round(x), y: round(y), ...attrs }, text: content };
}

/** `M x y L x y …` through the points. */
export function through(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The drawing as a file: every color and font is in it. */
export function toSvg(
  marks: readonly Mark[],
  width: number,
  height: number,
  label: { title: string; description: string },
): string {
  const font = 'system-ui, Segoe UI, Roboto, Open Sans, sans-serif';
  const body = marks.map(({ tag, attrs, text: content }) => {
    const list = Object.entries(attrs).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
    const open = `<${tag}${list.join('')}`;
    return content === undefined ? `${open}/>` : `${open}>${escaped(content)}</${tag}>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${font}" role="img">`,
    `<title>${escaped(label.title)}</title>`,
    `<desc>${escaped(label.description)}</desc>`,
    ...body,
    '</svg>\n',
  ].join('\n');
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function escaped(content: string): string {
  // What XML cannot carry at all is left out.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  const plain = content.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
  return plain.replace(/[&<>"]/g, (character) => ENTITIES[character]);
}

/** Lines of at most `most` characters, broken between words. */
export function wrap(content: string, most: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of content.split(/\s+/).filter(Boolean)) {
    if (line !== '' && line.length + 1 + word.length > most) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}
