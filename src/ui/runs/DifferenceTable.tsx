/** Runs side by side with the settings in which they differ, and nothing else. */
import type { KeptRun } from '../storage/record.ts';

interface Props {
  runs: readonly KeptRun[];
  /** One for each column; values in the order of the runs. */
  facts: readonly { key: string; label: string; values: string[] }[];
}

export function DifferenceTable({ runs, facts }: Props) {
  if (facts.length === 0) {
    return <p className="runs-empty quiet">These runs have the same settings and seeds.</p>;
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be in reach of the keyboard
    <section className="runs-scroll" aria-label="What differs between the runs" tabIndex={0}>
      <table className="runs-table number">
        <thead>
          <tr>
            <th scope="col">Run</th>
            {facts.map(({ key, label }) => (
              <th key={key} scope="col" title={key}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {runs.map((run, index) => (
            <tr key={run.id}>
              <th scope="row">{run.name}</th>
              {facts.map(({ key, values }) => (
                <td key={key}>{values[index]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
