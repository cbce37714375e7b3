/** Label of a setting: name, unit, the mark of a restart, help. */
import { type Param, rangeOf } from '../../core/param.ts';
import { Terms } from '../glossary/Terms.tsx';
import { Help } from './Help.tsx';

interface Props {
  param: Param;
  htmlFor?: string;
  id?: string;
}

export function ParamLabel({ param, htmlFor, id }: Props) {
  return (
    <>
      <span className="param-label">
        <label htmlFor={htmlFor} id={id}>
          {param.label}
          {param.kind === 'number' && param.unit && (
            <span className="quiet small"> {param.unit}</span>
          )}
        </label>
        {param.restarts && <RestartMark />}
      </span>
      <Help of={param.label}>
        <p>
          <Terms text={param.help} />
        </p>
        <p className="quiet small">
          {param.kind === 'number' && `From ${rangeOf(param).replace(/^a.*? from /, '')}. `}
          {param.restarts
            ? 'A change restarts the runs.'
            : 'A change applies at the next step, without a restart.'}
        </p>
      </Help>
    </>
  );
}

export function RestartMark() {
  return (
    <span
      className="restart-mark"
      role="img"
      aria-label="restarts the runs"
      title="A change restarts the runs"
    >
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        <path
          d="M10 6a4 4 0 1 1-1.3-2.95M9.2 1v2.4H6.8"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.3"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
    </span>
  );
}
