/** Phase 3: rewards against their group, with the numbers in the formula, and the advantages as signed bars. */
import katex from 'katex';
import type { CSSProperties } from 'react';
import { findMethod } from '../declared.ts';
import { formatSetting, formatValue } from '../format.ts';
import { filledAdvantage } from './advantage_tex.ts';
import { Detail } from './Detail.tsx';
import { type SlowGiven, textOfAll } from './given.ts';
import { advantageOf, isPerToken } from './shaping.ts';

export function Advantage({ arm, task }: SlowGiven) {
  const { formula, lines, note } = filledAdvantage(arm);
  const values = arm.responses.map(advantageOf);
  const full = Math.max(...values.map(Math.abs), 1e-9);
  const shapes = arm.shapes.map((id) => findMethod(id)?.label ?? id).join(', ');
  return (
    <div className="slow-advantage">
      <Detail />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className="slow-formulas" tabIndex={0} aria-label="The formula with these numbers">
        <h3>{findMethod(arm.advantage.method)?.label}</h3>
        <Tex tex={formula} />
        {lines.map((line) => (
          <Tex key={line} tex={line} />
        ))}
        {note && <p>{note}</p>}
        {shapes && <p>Then changed token by token by {shapes}.</p>}
        {arm.responses.some(isPerToken) && (
          <p>Tokens of one response have different advantages; the bars are their means.</p>
        )}
      </section>
      <table className="slow-bars number">
        <thead>
          <tr>
            <th scope="col">response</th>
            <th scope="col">reward</th>
            <th scope="col">
              <span className="slow-ends">
                <span>worse</span>
                <span>better</span>
              </span>
            </th>
            <th scope="col">advantage</th>
          </tr>
        </thead>
        <tbody>
          {arm.responses.map(({ tokens, mixtures, reward }, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a response is its place in the group
            <tr key={place}>
              <th scope="row">
                <span className="slow-place">{place + 1}</span>
                <code title={textOfAll(task, tokens, mixtures?.length)}>
                  {textOfAll(task, tokens, mixtures?.length)}
                </code>
              </th>
              <td>{formatSetting(reward)}</td>
              <td
                className="slow-bar"
                data-sign={values[place] < 0 ? 'minus' : 'plus'}
                style={{ '--share': Math.abs(values[place]) / full } as CSSProperties}
              >
                <i />
              </td>
              <td>
                {values[place] > 0 ? '+' : ''}
                {formatValue(values[place])}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Tex({ tex }: { tex: string }) {
  const html = katex.renderToString(tex, {
    output: 'mathml',
    displayMode: true,
    throwOnError: false,
  });
  // biome-ignore lint/security/noDangerouslySetInnerHtml: KaTeX's output of our own declarations and numbers
  return <div className="slow-tex" dangerouslySetInnerHTML={{ __html: html }} />;
}
