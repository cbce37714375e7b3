/** A plot on the page, drawn from marks in the size of its place; or why there is nothing to draw. */
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { createElement, useMemo } from 'react';
import type { Frame } from './frame.ts';
import { PAPER, type Sheet } from './plot_marks.ts';
import type { Mark } from './scene.ts';

interface Props {
  /** Drawn anew when it is another function; undefined where there is nothing. */
  draw: ((sheet: Sheet) => Mark[]) | undefined;
  empty?: string | undefined;
  className?: string;
  space?: Frame;
}

/** Around the plot area: axis names stand above and below. */
const SPACE = { left: 40, right: 12, top: 22, bottom: 38 };

export function MarkPlot({ draw, empty, className = 'plot-phase', space = SPACE }: Props) {
  const { ref, width, height } = useElementSize();
  const scheme = useComputedColorScheme('light');
  const marks = useMemo(() => {
    if (!draw || width === 0) return [];
    return draw({ box: { width, height, ...space }, paper: PAPER[scheme], scheme });
  }, [draw, width, height, space, scheme]);
  return (
    <div className={`plot ${className}`} ref={ref}>
      {draw && (
        <svg width={width} height={height} aria-hidden="true" focusable="false">
          {marks.map(({ tag, attrs, text }, i) =>
            createElement(tag, { key: i, ...camel(attrs) }, text),
          )}
        </svg>
      )}
      {!draw && empty && (
        <div className="plot-empty">
          <span>{empty}</span>
        </div>
      )}
    </div>
  );
}

/** Attributes of a mark as React names them. */
function camel(attrs: Mark['attrs']) {
  return Object.fromEntries(
    Object.entries(attrs).map(([key, value]) => [
      key.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}
