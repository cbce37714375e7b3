/** Whether the glossary is open, and at which entry. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

interface GlossaryState {
  isOpen: boolean;
  /** The entry to show; undefined: the whole list. */
  entry?: string;
}

const state = createStore<GlossaryState>(() => ({ isOpen: false }));

export const openGlossary = (entry?: string) => state.setState({ isOpen: true, entry });
export const closeGlossary = () => state.setState({ isOpen: false });
export const useGlossary = () => useStore(state);
