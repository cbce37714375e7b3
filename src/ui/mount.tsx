/** Puts the page together: presets and address, store, history, engine; then React. */
import { MantineProvider } from '@mantine/core';
import type { ReactNode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import type { Client } from '../worker/client.ts';
import { App } from './App.tsx';
import { tellAsked } from './asked.ts';
import { type Lab, LabContext } from './context.ts';
import { messageOf } from './declared.ts';
import { History } from './history.ts';
import { createLens } from './microscope/lens.ts';
import { NoWebGpu } from './NoWebGpu.tsx';
import { createPairs } from './pairs/pairs.ts';
import { loadStart, type Start } from './presets.ts';
import { loadShippedRecording } from './recording.ts';
import { Library } from './runs/library.ts';
import { watchVisibility } from './session/hidden_tab.ts';
import { createSlowMotion } from './slow/motion.ts';
import { Recorder } from './storage/recorder.ts';
import { Shelf } from './storage/shelf.ts';
import { createSessionStore, notify } from './store.ts';
import { connect } from './sync.ts';
import { theme } from './theme.ts';

export interface MountOptions {
  /** Makes the engine's client. */
  createClient: () => Client;
  hasWebGpu: boolean;
}

export async function mount(element: HTMLElement, options: MountOptions): Promise<void> {
  const root = createRoot(element);
  if (!options.hasWebGpu) {
    const onRecording = () => showRecording(root);
    show(root, <NoWebGpu isSecure={isSecureContext} onRecording={onRecording} />);
    return;
  }
  try {
    const start = await loadStart(location.search, import.meta.env.BASE_URL);
    const lab = createLab(start, options.createClient());
    show(
      root,
      <LabContext value={lab}>
        <App />
      </LabContext>,
    );
  } catch (error) {
    show(root, <LoadFailure message={messageOf(error)} />);
  }
}

/** The page around curves that were measured elsewhere: no engine, so nothing starts. */
async function showRecording(root: Root): Promise<void> {
  const start = await loadStart(location.search, import.meta.env.BASE_URL);
  const recording = await loadShippedRecording(import.meta.env.BASE_URL);
  const lab = createLab(start, { send: () => {}, onEvent: () => {}, close: () => {} });
  lab.store.setState({ hasEngine: false, recording });
  show(
    root,
    <LabContext value={lab}>
      <App />
    </LabContext>,
  );
}

function createLab(start: Start, engine: Client): Lab {
  const lens = createLens(engine);
  const slow = createSlowMotion(lens.client);
  const pairs = createPairs(slow.client);
  const { presets, preset, draft, locks, tiles, isShared, errors, notices } = start;
  const store = createSessionStore(preset.experiment, preset.id, draft);
  store.setState({ locks });
  const history = new History();
  for (const error of errors) {
    notify(store, 'error', 'The settings in the address were not taken', error);
  }
  if (notices.length > 0) {
    notify(store, 'info', 'Parts of the address have no effect', notices.join('; '));
  }
  const takesProposal = !isShared && errors.length === 0;
  const bases = new URL('bases/', document.baseURI).href;
  const recorder = new Recorder(store, history, Shelf.open());
  const options = { takesProposal, bases, tiles };
  const actions = connect(recorder.tap(pairs.client), store, history, options);
  const library = new Library(recorder, store, history, actions);
  void library.load();
  tellAsked(slow.client);
  // A response of a run that was left must not be looked at under the weights of another.
  recorder.state.subscribe((now, before) => {
    if (before.currentId !== undefined && now.currentId !== before.currentId) lens.forget();
  });
  store.subscribe((now, before) => {
    if (now.recording && now.recording !== before.recording) lens.forget();
  });
  watchVisibility(store, actions, recorder);
  return { store, history, actions, presets, lens, slow, pairs, library };
}

function show(root: Root, page: ReactNode): void {
  root.render(
    <MantineProvider theme={theme} defaultColorScheme="auto">
      {page}
    </MantineProvider>,
  );
}

function LoadFailure({ message }: { message: string }) {
  return (
    <main className="page-message" role="alert">
      <h1>The page could not load its presets.</h1>
      <p>{message}</p>
      <p className="quiet">Reload the page. If it stays, the files beside it are not complete.</p>
    </main>
  );
}
