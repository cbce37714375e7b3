/** One row a comparison: its error, the tolerance, and how much of the tolerance is used. */
import type { TrustCheck } from '../../core/trust.ts';

const tiny = (x: number): string =>
  Number.isFinite(x) ? x.toExponential(1).replace('-', '−') : 'not a number';

export function Checks({ checks }: { checks: readonly TrustCheck[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className="table-scroll trust-frame" tabIndex={0} aria-label="Comparisons">
      <table className="trust-table checks-table number">
        <thead>
          <tr>
            <th scope="col">compared</th>
            <th scope="col">numbers</th>
            <th scope="col">error</th>
            <th scope="col">allowed</th>
            <th scope="col">of it used</th>
          </tr>
        </thead>
        <tbody>
          {checks.map(({ name, count, error, tolerance }) => {
            const isFine = error <= tolerance;
            return (
              <tr key={name}>
                <th scope="row">
                  <span className={isFine ? 'mark-right' : 'mark-wrong'}>
                    {isFine ? '✓' : '✗'}
                    <span className="visually-hidden">{isFine ? 'agrees: ' : 'differs: '}</span>
                  </span>{' '}
                  {name}
                </th>
                <td>{count}</td>
                <td>{tiny(error)}</td>
                <td>{tiny(tolerance)}</td>
                <td>
                  {Number.isFinite(error) ? `${((100 * error) / tolerance).toFixed(1)} %` : '–'}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className="small quiet">Error: {checks[0]?.measure}.</p>
    </section>
  );
}
