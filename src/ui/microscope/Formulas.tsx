/** Every term's formula with this token's numbers filled in. In the microscope's own chunk, KaTeX with it. */
import katex from 'katex';
import type { Method } from '../../methods/method.ts';
import { findMethod } from '../declared.ts';
import { filledFormula, filledGradient, LATENT_FORMULA } from './filled.ts';
import type { Given } from './given.ts';
import { constantsAt, hasConstant, numbersOf } from './numbers.ts';
import { coefficientOf, shortName } from './reading.ts';

export function Formulas({ target, seen, token, advantage, mixture }: Given) {
  const constants = constantsAt(target);
  const beside = { advantage, constants, isLatent: mixture !== undefined };
  const formulaOf = (method: Method | undefined): string => {
    return mixture && method?.stage === 'objective' ? LATENT_FORMULA : (method?.formula ?? '');
  };
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
          <Tex tex={formulaOf(findMethod(term.method))} />
          <Tex tex={filledFormula(term, target.position, token, beside)} />
          <Numbers of={numbersOf(term, target.position, token, beside)} />
          {hasConstant(term, constants) && (
            <p className="small quiet">
              c and weights were decided by the whole batch of step {target.step}, and stay what
              they were: also when the model has moved on or the slider moves.
            </p>
          )}
          <Tex tex={filledGradient(term, target.position, beside)} />
        </div>
      ))}
    </section>
  );
}

function Numbers({ of }: { of: ReturnType<typeof numbersOf> }) {
  return (
    <p className="scope-numbers small number">
      {of.map(({ name, value }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: numbers keep their order; two settings may share a name
        <span key={i}>
          <span className="quiet">{name}</span> {value}
        </span>
      ))}
    </p>
  );
}

function Tex({ tex }: { tex: string }) {
  const html = katex.renderToString(tex, { output: 'mathml', throwOnError: false });
  return (
    // biome-ignore lint/security/noDangerouslySetInnerHtml: KaTeX's output of our own declarations
    <div className="scope-tex" dangerouslySetInnerHTML={{ __html: html }} />
  );
}
