/**
 * Charts redraw one after the other, one in a frame, so that an update of all of them never holds up a click; a chart
 * out of sight does not redraw at all until it comes into view.
 */
import { useEffect, useState } from 'react';
import type { History } from '../history.ts';

const waiting = new Set<() => void>();
let frame = 0;

function nextTurn(): void {
  const [redraw] = waiting;
  if (redraw) {
    waiting.delete(redraw);
    redraw();
  }
  frame = waiting.size > 0 ? requestAnimationFrame(nextTurn) : 0;
}

/** Version of the history that the chart shows: the newest one as of the chart's last turn. */
export function useTurn(history: History, isVisible: boolean): number {
  const [version, setVersion] = useState(history.version);
  useEffect(() => {
    if (!isVisible) return;
    const redraw = () => setVersion(history.version);
    const queue = () => {
      waiting.add(redraw);
      if (frame === 0) frame = requestAnimationFrame(nextTurn);
    };
    // What was measured while it was out of sight.
    queue();
    const stop = history.subscribe(queue);
    return () => {
      stop();
      waiting.delete(redraw);
    };
  }, [history, isVisible]);
  return version;
}
