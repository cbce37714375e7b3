/** LaTeX from a declaration as MathML. KaTeX is loaded when the first formula is opened. */
import { use } from 'react';
import { Sideways } from './Sideways.tsx';

let katex: Promise<typeof import('katex')> | undefined;

/** Windows that grow for a projector say how large. */
const SIZE = { fontSize: 'var(--formula, 15px)' };

const rendered = new Map<string, Promise<string>>();

function render(tex: string): Promise<string> {
  katex ??= import('katex');
  const known = rendered.get(tex);
  if (known) return known;
  const html = katex.then(({ default: k }) =>
    k.renderToString(tex, { output: 'mathml', displayMode: true, throwOnError: false }),
  );
  rendered.set(tex, html);
  return html;
}

/** Suspends until it can be drawn: needs a Suspense above. */
export function Formula({ tex }: { tex: string }) {
  const html = use(render(tex));
  return (
    <Sideways label="Formula">
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: KaTeX's output of our own declarations */}
      <div style={SIZE} dangerouslySetInnerHTML={{ __html: html }} />
    </Sideways>
  );
}
