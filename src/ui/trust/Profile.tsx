/** Where a training step's time goes on this adapter, kernel by kernel, beside what the adapter can do at most. */
import { Button, Loader } from '@mantine/core';
import type { CSSProperties } from 'react';
import { useStore } from 'zustand';
import { type KernelTime, type ProfileReport, rates, sumOf } from '../../core/profile.ts';
import { TILE_WORDS } from '../../core/tile_choice.ts';
import { useLab, useSession } from '../context.ts';
import { formatBytes } from '../format.ts';

export function Profile() {
  const { lens } = useLab();
  const { isRunning, report, message } = useStore(lens.store, (state) => state.profile);
  const isChecking = useStore(lens.store, (state) => state.trust.isRunning);
  const state = useSession((session) => session.state);
  const isBusy = state === 'running' || state === 'preparing';
  return (
    <section aria-label="Profile">
      <div className="trust-head">
        <h3>Where a step’s time goes</h3>
        <Button
          size="compact-sm"
          variant="default"
          disabled={isRunning || isChecking || isBusy}
          onClick={lens.profileStep}
        >
          Profile a step
        </Button>
      </div>
      <div role="status">
        {isRunning ? (
          <p className="small">
            <Loader size={12} color="gray" /> Timing every kernel and what the adapter can do at
            most…
          </p>
        ) : message ? (
          <p className="small mark-wrong">Not profiled: {message}.</p>
        ) : isBusy ? (
          <p className="small quiet">
            Pause training first: other work on the GPU would be timed with it.
          </p>
        ) : (
          !report && (
            <p className="small quiet">
              Times each kernel of a training step by itself. Nothing is learned from it.
            </p>
          )
        )}
      </div>
      {report && <Kernels report={report} />}
    </section>
  );
}

function Kernels({ report }: { report: ProfileReport }) {
  const { kernels, ceiling, batch, memory, step_ms } = report;
  const sum = sumOf(kernels);
  const most = kernels[0]?.ms ?? 0;
  const digits = most >= 10 ? 2 : 3;
  return (
    <>
      <p className="small">
        {report.model}; {batch.sequences} sequences, {batch.rows} rows.{' '}
        <b className="number">{fixed(step_ms, 1)} ms</b> in one pass, as training submits it;
        kernels by themselves <span className="number">{fixed(sum, 1)} ms</span>.
      </p>
      <p className="small quiet">
        {report.how === 'timestamps'
          ? 'Timed by the adapter’s timestamps around passes of each kernel, repeated.'
          : 'Timed by waiting for repetitions of each kernel, less the wait for an empty dispatch; – is too short to be told.'}{' '}
        At its peak the adapter reaches{' '}
        <span className="number">{fixed(ceiling.gflops, 1)} GFLOP/s</span> in a loop of
        multiply-adds and <span className="number">{fixed(ceiling.gbps, 1)} GB/s</span> in a copy,
        measured just now. Traffic counts every array once, so what a cache holds can pass the copy.
      </p>
      {report.fallbacks.length > 0 && (
        <ul className="small trust-fallbacks" aria-label="What this adapter cannot do">
          {report.fallbacks.map((text) => (
            <li key={text}>
              <b>Falls back:</b> {text}
            </li>
          ))}
        </ul>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className="table-scroll trust-frame" tabIndex={0} aria-label="Kernels of a step">
        <table className="trust-table profile-table number">
          <thead>
            <tr>
              <th scope="col">kernel</th>
              <th scope="col">ms</th>
              <th scope="col">share</th>
              <th scope="col">launches</th>
              <th scope="col">loads</th>
              <th scope="col">GFLOP/s</th>
              <th scope="col">of peak</th>
              <th scope="col">GB/s</th>
              <th scope="col">of peak</th>
            </tr>
          </thead>
          <tbody>
            {kernels.map((kernel) => (
              <Row key={kernel.kernel} {...{ kernel, sum, most, digits, ceiling }} />
            ))}
          </tbody>
        </table>
      </section>
      <p className="small quiet number">{memoryText(memory)}</p>
    </>
  );
}

interface RowProps extends Pick<ProfileReport, 'ceiling'> {
  kernel: KernelTime;
  sum: number;
  /** ms of the longest. */
  most: number;
  digits: number;
}

function Row({ kernel, sum, most, digits, ceiling }: RowProps) {
  const { gflops, gbps } = rates(kernel);
  const share = kernel.ms > 0 ? kernel.ms / sum : 0;
  const bar = kernel.ms > 0 ? kernel.ms / most : 0;
  const isCounted = kernel.bytes !== undefined;
  return (
    <tr>
      <th scope="row">
        <code>{kernel.kernel}</code>
      </th>
      <td>{fixed(kernel.ms, digits)}</td>
      <td className="profile-share" style={{ '--bar': bar } as CSSProperties}>
        <span>{kernel.ms > 0 ? percent(share) : '–'}</span>
      </td>
      <td>{kernel.dispatches}</td>
      <td>{kernel.variant && TILE_WORDS[kernel.variant].loads}</td>
      {isCounted ? (
        <>
          <td>{fixed(gflops, 2)}</td>
          <td>{gflops === undefined ? '' : percent(gflops / ceiling.gflops)}</td>
          <td>{fixed(gbps, 2)}</td>
          <td>{gbps === undefined ? '' : percent(gbps / ceiling.gbps)}</td>
        </>
      ) : (
        <td colSpan={4}>not counted</td>
      )}
    </tr>
  );
}

function memoryText({ promised, held }: ProfileReport['memory']): string {
  if (promised === undefined) return `Buffers hold ${formatBytes(held)}.`;
  const off = (100 * (held - promised)) / promised;
  const sign = off < 0 ? '−' : '+';
  return `Buffers: ${formatBytes(promised)} promised before they were made, ${formatBytes(held)} held now (${sign}${Math.abs(off).toFixed(1)} %). Driver and browser need more.`;
}

const fixed = (x: number | undefined, digits: number): string =>
  x !== undefined && Number.isFinite(x) ? x.toFixed(digits) : '–';
const percent = (x: number): string => `${(100 * x).toFixed(x < 0.0995 ? 1 : 0)} %`;
