/** Where one is in the step: five numbered phases, each a press away; while it plays, the next one draws near. */
import type { CSSProperties } from 'react';
import { useStore } from 'zustand';
import { useLab } from '../context.ts';
import { PHASES } from './phases.ts';

/** @param isIdle there is no step yet */
export function PhaseStrip({ isIdle }: { isIdle: boolean }) {
  const { slow } = useLab();
  const phase = useStore(slow.store, (state) => state.phase);
  const isPlaying = useStore(slow.store, (state) => state.isPlaying);
  return (
    <nav className="slow-strip" aria-label="Phases of the step">
      <ol>
        {PHASES.map(({ id, label, dwell }, i) => (
          <li key={id} data-done={i < phase}>
            <button
              type="button"
              aria-current={!isIdle && i === phase ? 'step' : undefined}
              disabled={isIdle}
              onClick={() => slow.go(i)}
            >
              <span className="slow-number" aria-hidden="true">
                {i + 1}
              </span>
              {label}
            </button>
            {isPlaying && i === phase && (
              <i aria-hidden="true" style={{ '--dwell': `${dwell}ms` } as CSSProperties} />
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
