/** The step that all charts point at. Outside React's tree: moving it redraws hair lines and read-outs, no chart. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

const crosshair = createStore<{ step: number | undefined }>(() => ({ step: undefined }));

export function pointAt(step: number | undefined): void {
  if (crosshair.getState().step !== step) crosshair.setState({ step });
}

export function useCrosshair(): number | undefined {
  return useStore(crosshair, (state) => state.step);
}
