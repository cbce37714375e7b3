/** Where the tour stands and what was predicted. Kept in this browser, apart from everything measured. */
import * as v from 'valibot';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { POINTS, SHAPES, type Shape } from './shapes.ts';

const KEY = 'entroscope.tour';

const PredictionShape = v.object({
  /** 'drawn', or the shape that was picked. */
  by: v.picklist(['drawn', ...(Object.keys(SHAPES) as Shape[])]),
  /** [POINTS] in the metric's unit, evenly over the planned steps. */
  points: v.pipe(v.array(v.pipe(v.number(), v.finite())), v.length(POINTS)),
});
export type Prediction = v.InferOutput<typeof PredictionShape>;

const Kept = v.object({
  step: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(20)),
  /** By `<metric>/<arm>`. */
  predictions: v.record(v.string(), PredictionShape),
});

interface TourState extends v.InferOutput<typeof Kept> {
  isOpen: boolean;
}

function restore(): TourState {
  const fresh = { step: 0, predictions: {}, isOpen: false };
  try {
    const kept = v.safeParse(Kept, JSON.parse(localStorage.getItem(KEY) ?? 'null'));
    return kept.success ? { ...fresh, ...kept.output } : fresh;
  } catch {
    return fresh;
  }
}

export const tour = createStore<TourState>(restore);

tour.subscribe(({ step, predictions }) => {
  try {
    localStorage.setItem(KEY, JSON.stringify({ step, predictions }));
  } catch {
    // Without storage the tour begins anew after a reload.
  }
});

export const useTour = <T>(select: (state: TourState) => T): T => useStore(tour, select);

export const predictionKey = (metric: string, arm: string) => `${metric}/${arm}`;

export function predict(metric: string, arm: string, prediction: Prediction | undefined): void {
  const { [predictionKey(metric, arm)]: _, ...others } = tour.getState().predictions;
  const predictions = prediction ? { ...others, [predictionKey(metric, arm)]: prediction } : others;
  tour.setState({ predictions });
}

export const openTour = () => tour.setState({ isOpen: true });

/** The focus goes back to where the tour began. */
export function leaveTour(): void {
  tour.setState({ isOpen: false });
  document.getElementById('tour-button')?.focus();
}

/** Begins anew next time, without predictions. */
export function endTour(): void {
  tour.setState({ step: 0, predictions: {} });
  leaveTour();
}
