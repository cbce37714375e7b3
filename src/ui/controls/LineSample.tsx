/** An arm's line as it looks on the charts: color and dash pattern. */
import { armStyle } from '../palette.ts';
import { useArmColor } from './use_arm_color.ts';

export function LineSample({ color, width = 24 }: { color: number; width?: number }) {
  const stroke = useArmColor()(color);
  return (
    <svg width={width} height="8" viewBox={`0 0 ${width} 8`} aria-hidden="true" focusable="false">
      <line
        x1="0"
        x2={width}
        y1="4"
        y2="4"
        stroke={stroke}
        strokeWidth="2.5"
        strokeDasharray={armStyle(color).dash}
      />
    </svg>
  );
}
