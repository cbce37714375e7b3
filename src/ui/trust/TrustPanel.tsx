/** The engine against float64 on the user's own adapter, the adapter's features and limits, and the text of the losses. */
import './trust.css';
import { Button, Drawer, Loader } from '@mantine/core';
import { useEffect } from 'react';
import { useStore } from 'zustand';
import type { TrustReport } from '../../core/trust.ts';
import { useLab } from '../context.ts';
import { plural, tileWords } from '../format.ts';
import { useWindow } from '../use_window.ts';
import { Checks } from './Checks.tsx';
import { LossText } from './LossText.tsx';
import { Profile } from './Profile.tsx';
import { TileChoice } from './TileChoice.tsx';

export default function TrustPanel({ onClose }: { onClose: () => void }) {
  useWindow(onClose);
  const { lens } = useLab();
  const { isRunning, report, message } = useStore(lens.store, (state) => state.trust);
  // Opened to be checked: what is shown was measured now.
  useEffect(() => lens.checkEngine(), [lens]);
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="min(max(820px, 54vw), 100vw)"
      padding={0}
      lockScroll={false}
      overlayProps={{ backgroundOpacity: 0.2 }}
      title="Trust: the engine checked where it runs"
      attributes={{ header: { role: 'presentation' } }}
      styles={{ header: { padding: '10px 20px' }, title: { fontWeight: 650 } }}
      closeButtonProps={{ 'aria-label': 'Close the trust panel' }}
    >
      <div className="trust">
        <p>
          A small model of awkward sizes runs on this adapter with the kernels that train, and once
          more in plain double-precision TypeScript that shares no line with them. Their logits,
          losses and gradients must agree to what single precision can hold.
        </p>
        <div className="trust-state" role="status">
          {isRunning && (
            <>
              <Loader size={14} color="gray" /> Compiling and comparing on this adapter…
            </>
          )}
          {!isRunning && message && <b className="mark-wrong">Not checked: {message}</b>}
          {!isRunning && report && <Summary report={report} />}
          <Button
            size="compact-sm"
            variant="default"
            disabled={isRunning}
            onClick={lens.checkEngine}
          >
            Check again
          </Button>
        </div>
        {report && <Checks checks={report.checks} />}
        <TileChoice />
        <Profile />
        {report && (
          <>
            <Adapter report={report} />
            <LossText losses={report.losses} />
            <Kernels report={report} />
          </>
        )}
      </div>
    </Drawer>
  );
}

function Summary({ report }: { report: TrustReport }) {
  const failed = report.checks.filter(({ error, tolerance }) => !(error <= tolerance));
  return failed.length === 0 ? (
    <span>
      <b className="mark-right">✓ All {report.checks.length} comparisons agree</b>{' '}
      <span className="quiet number">
        with {tileWords(report.tile)}, in {report.seconds.toFixed(1)} s
      </span>
    </span>
  ) : (
    <span>
      <b className="mark-wrong">
        ✗ {plural(failed.length, 'comparison')} of {report.checks.length} disagree
      </b>{' '}
      Do not trust curves from this adapter; a newer driver or browser may help.
    </span>
  );
}

function Adapter({ report }: { report: TrustReport }) {
  const name = [report.vendor, report.architecture, report.description].filter(Boolean).join(', ');
  return (
    <section aria-label="Adapter">
      <h3>Adapter</h3>
      <p>
        {name || 'unnamed'}
        {report.software ? ' (software: a processor stands in)' : ''}
      </p>
      <p className="small quiet">
        features: {report.features.join(', ') || 'none beyond the core'}
      </p>
      <details>
        <summary>{plural(report.limits.length, 'limit')}</summary>
        <table className="trust-table number">
          <tbody>
            {report.limits.map(([limit, value]) => (
              <tr key={limit}>
                <th scope="row">{limit}</th>
                <td>{value.toLocaleString('en-US')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}

function Kernels({ report }: { report: TrustReport }) {
  return (
    <section aria-label="Kernels">
      <h3>Kernels of the open experiment</h3>
      {report.kernels.length === 0 ? (
        <p className="small quiet">None: no experiment is open.</p>
      ) : (
        <details>
          <summary>{plural(report.kernels.length, 'kernel')} beside the losses</summary>
          <ul className="trust-kernels number small">
            {report.kernels.map(({ name, lines }) => (
              <li key={name}>
                <code>{name}</code> <span className="quiet">{lines} lines</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
