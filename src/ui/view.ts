/**
 * How the curves are looked at: which metrics, by what, how smooth. Kept in this browser; a link carries only what
 * differs from the default, under names that begin with `view.`. It changes nothing that is measured.
 */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { METRICS, type Metric, type MetricId } from '../metrics/index.ts';
import { X_BY, type XBy } from './charts/x_axis.ts';
import type { Domain } from './charts/zoom.ts';

export const WINDOWS = [1, 5, 11, 25] as const;
const SPREADS = ['band', 'seeds'] as const;
export const PHASES = ['entropy-accuracy', 'length-entropy', 'information-plane'] as const;
export type PhaseId = (typeof PHASES)[number];

/** What is kept and shared. */
export interface View {
  by: XBy;
  /** Steps of the moving average; 1: none. */
  window: number;
  /** Mean with its interval, or a thin line for each seed. */
  spread: (typeof SPREADS)[number];
  large: readonly string[];
  small: readonly string[];
  /** Metrics with a logarithmic axis. */
  log: readonly string[];
  phases: readonly string[];
}

export interface ViewState extends View {
  /** Part of the x-axis in view, in units of `by`. Not kept. */
  zoom: Domain | undefined;
  projector: boolean;
}

const ids = (size: Metric['size']) => METRICS.filter((m) => m.size === size).map((m) => m.id);

export const DEFAULT_VIEW: View = {
  by: 'step',
  window: 1,
  spread: 'band',
  large: ids('large'),
  small: ids('small'),
  log: [],
  phases: PHASES,
};

/** What each field may be, for whatever comes from an address or from storage. */
const ALLOWED: { [K in keyof View]: readonly string[] } = {
  by: X_BY,
  window: WINDOWS.map(String),
  spread: SPREADS,
  large: METRICS.map((m) => m.id),
  small: METRICS.map((m) => m.id),
  log: METRICS.filter(canBeLog).map((m) => m.id),
  phases: PHASES,
};

/** A share of 0 to 1 needs no other scale, and these may be negative. */
export function canBeLog(metric: Metric): boolean {
  return metric.range === undefined && !['reward', 'explained_variance'].includes(metric.id);
}

/** Unknown fields and values are passed over: a view is never worth an error. */
export function parseView(fields: ReadonlyMap<string, string>): View {
  const view: Record<string, unknown> = { ...DEFAULT_VIEW };
  for (const key of Object.keys(DEFAULT_VIEW) as (keyof View)[]) {
    const text = fields.get(key);
    if (text === undefined) continue;
    const parts = [...new Set(text.split(','))].filter((part) => ALLOWED[key].includes(part));
    if (Array.isArray(DEFAULT_VIEW[key])) view[key] = parts;
    else if (parts.length === 1) view[key] = key === 'window' ? Number(parts[0]) : parts[0];
  }
  const parsed = view as unknown as View;
  return { ...parsed, small: parsed.small.filter((id) => !parsed.large.includes(id)) };
}

/** What differs from the default, as texts. */
export function viewEntries(view: View): [string, string][] {
  const keys = Object.keys(DEFAULT_VIEW) as (keyof View)[];
  return keys
    .filter((key) => String(view[key]) !== String(DEFAULT_VIEW[key]))
    .map((key) => [key, String(view[key])]);
}

/** Splits an address's query into what is the view's and the rest. */
export function takeView(search: string): { rest: string; fields: Map<string, string> } {
  const rest = new URLSearchParams();
  const fields = new Map<string, string>();
  for (const [key, value] of new URLSearchParams(search)) {
    if (key.startsWith('view.')) fields.set(key.slice(5), value);
    else if (key === 'projector') fields.set(key, value);
    else rest.append(key, value);
  }
  return { rest: rest.size > 0 ? `?${rest}` : '', fields };
}

/** Appended to a share link. */
export function viewQuery(view: View): string {
  return viewEntries(view)
    .map(([key, value]) => `&view.${key}=${value}`)
    .join('');
}

export const viewStore = createStore<ViewState>(() => ({
  ...DEFAULT_VIEW,
  zoom: undefined,
  projector: false,
}));

export function setView(change: Partial<ViewState>): void {
  const isOtherAxis = change.by !== undefined && change.by !== viewStore.getState().by;
  viewStore.setState(isOtherAxis ? { zoom: undefined, ...change } : change);
}

export function useView<T>(select: (view: ViewState) => T): T {
  return useStore(viewStore, select);
}

/** Where a metric stands. */
export type Place = 'large' | 'small' | 'off';

export function placeOf(view: View, metric: string): Place {
  if (view.large.includes(metric)) return 'large';
  return view.small.includes(metric) ? 'small' : 'off';
}

/** Moves a metric; in each place the metrics stand in the order of their declaration. */
export function place(view: View, metric: MetricId, to: Place): Pick<View, 'large' | 'small'> {
  const inOrder = (chosen: Place) =>
    METRICS.map((m) => m.id).filter((id) => (id === metric ? to : placeOf(view, id)) === chosen);
  return { large: inOrder('large'), small: inOrder('small') };
}
