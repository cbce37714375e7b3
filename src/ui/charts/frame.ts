/** Space around a plot area, in pixels: fixed, so that what lies over a plot knows where a value is. */
export interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Numbers such as 0.0025 and 2.5e−5 have room at the left. */
export const FRAME: Frame = { left: 44, right: 14, top: 6, bottom: 22 };

/** For the back row: large numbers, and at the right the names of the arms. */
export function projectorFrame(fontSize: number): Frame {
  return {
    left: Math.round(3 * fontSize),
    right: Math.round(7.4 * fontSize),
    top: Math.round(0.7 * fontSize),
    bottom: Math.round(1.7 * fontSize),
  };
}

/** An arm as the charts draw it. */
export interface DrawnArm {
  id: string;
  name: string;
  stroke: string;
  dash: string;
  color: number;
  /** Of a kept run, not measured now: drawn thin. */
  isRecorded?: boolean;
}
