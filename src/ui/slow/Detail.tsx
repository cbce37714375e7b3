/** One line about the token pointed at. It stands in the foot of the window, which is always in sight. */
import { createContext, type ReactNode, use } from 'react';
import { createPortal } from 'react-dom';

export const DetailPlace = createContext<HTMLElement | null>(null);

/** Without children the keys stand there; where the phase has tokens, how to ask about one. */
export function Detail({
  hasTokens = false,
  children,
}: {
  hasTokens?: boolean;
  children?: ReactNode;
}) {
  const place = use(DetailPlace);
  if (!place) return null;
  const hint = hasTokens
    ? '← → phases, Space plays. Point at a token, or Tab to it, for its numbers.'
    : '← → phases, Space plays, Esc leaves.';
  return createPortal(children || <span className="quiet">{hint}</span>, place);
}
