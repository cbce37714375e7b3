/** Whether the methods' window is open, at which card or comparison. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

interface MethodsState {
  isOpen: boolean;
  view: 'cards' | 'compare';
  /** The card to show; undefined: the list alone. */
  method?: string;
  /** Whose settings fill the card's formula. */
  arm?: string;
}

const state = createStore<MethodsState>(() => ({ isOpen: false, view: 'cards' }));

export const openMethods = (method?: string, arm?: string) =>
  state.setState({ isOpen: true, view: 'cards', method, arm });
export const showMethods = (change: Partial<MethodsState>) => state.setState(change);
export const closeMethods = () => state.setState({ isOpen: false });
export const useMethods = () => useStore(state);
