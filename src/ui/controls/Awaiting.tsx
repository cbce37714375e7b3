/** What has nothing to show yet: its panels stand empty, as large as they will be, and one line over all of them says until when. */
import type { ReactNode } from 'react';

interface Props {
  /** Undefined once there is something. */
  until: string | undefined;
  children: ReactNode;
}

export function Awaiting({ until, children }: Props) {
  return (
    <div className="awaiting">
      {children}
      {until && (
        <p className="plot-empty">
          <span>{until}</span>
        </p>
      )}
    </div>
  );
}
