/** Every term's formula with this token's numbers filled in. In the microscope's own chunk, KaTeX with it. */
import katex from 'katex';
import { findMethod } from '../declared.ts';
import { filledFormula, filledGradient } from './filled.ts';
import type { Given } from './given.ts';
import { coefficientOf, shortName } from './reading.ts';

export function Formulas({ target, seen, token, advantage }: Given) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className="scope-formulas" tabIndex={0} aria-label="Formulas with these numbers">
      <h3>The same in formulas</h3>
      {seen.terms.map((term, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: terms keep their order
        <div key={i} className="scope-formula">
          <h4>
            {shortName(term.method)} <span className="quiet">{coefficientOf(term)}</span>
          </h4>
          <Tex tex={findMethod(term.method)?.formula ?? ''} />
          <Tex tex={filledFormula(term, target.position, token, advantage)} />
          <Tex tex={filledGradient(term, target.position)} />
        </div>
      ))}
    </section>
  );
}

function Tex({ tex }: { tex: string }) {
  const html = katex.renderToString(tex, { output: 'mathml', throwOnError: false });
  return (
    // biome-ignore lint/security/noDangerouslySetInnerHtml: KaTeX's output of our own declarations
    <div className="scope-tex" dangerouslySetInnerHTML={{ __html: html }} />
  );
}
