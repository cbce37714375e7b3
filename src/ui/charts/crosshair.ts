/** The place on the x-axis that all charts point at. Outside React's tree: moving it redraws hair lines, no chart. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

const crosshair = createStore<{ x: number | undefined }>(() => ({ x: undefined }));

export function pointAt(x: number | undefined): void {
  if (crosshair.getState().x !== x) crosshair.setState({ x });
}

export function useCrosshair(): number | undefined {
  return useStore(crosshair, (state) => state.x);
}
