/**
 * Charts redraw one after the other, one in a frame, so that an update of all of them never holds up a click. A chart
 * out of sight seldom redraws: just so often that a print or a picture of the whole page is not far behind.
 */
import { useEffect, useState } from 'react';
import type { History } from '../history.ts';

const OUT_OF_SIGHT_MS = 3000;

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
    let timer: ReturnType<typeof setTimeout> | undefined;
    const redraw = () => setVersion(history.version);
    const queue = () => {
      waiting.add(redraw);
      if (frame === 0) frame = requestAnimationFrame(nextTurn);
    };
    const queueLater = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        queue();
      }, OUT_OF_SIGHT_MS);
    };
    // What was measured while it was out of sight.
    if (isVisible) queue();
    else queueLater();
    const stop = history.subscribe(isVisible ? queue : queueLater);
    return () => {
      stop();
      clearTimeout(timer);
      waiting.delete(redraw);
    };
  }, [history, isVisible]);
  return version;
}
