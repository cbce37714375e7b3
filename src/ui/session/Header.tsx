/** Name, claim, and what can be done with the experiment as a whole. */
import {
  ActionIcon,
  Button,
  FileButton,
  Menu,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { formatExperiment } from '../../core/parse.ts';
import { useIsLocked, useLab } from '../context.ts';
import { curvesToCsv } from '../csv.ts';
import { CATALOG } from '../declared.ts';
import { download, openFiles, openShippedRecording } from '../files.ts';
import { linkOf } from '../locks.ts';
import { SaveDialog } from '../runs/SaveDialog.tsx';
import { notify, shownExperiment } from '../store.ts';
import { useWindow } from '../use_window.ts';

const ClassLink = lazy(() => import('./ClassLink.tsx'));

interface Props {
  onSettings?: () => void;
  onKeys: () => void;
  onRuns: () => void;
}

export function Header({ onSettings, onKeys, onRuns }: Props) {
  const areRunsLocked = useIsLocked('runs');
  return (
    <header className="header">
      {onSettings && (
        <ActionIcon variant="default" size={30} aria-label="Settings" onClick={onSettings}>
          <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
            <path
              d="M1 4.5h7M12 4.5h3M1 11.5h3M8 11.5h7M10 2.5v4M6 9.5v4"
              fill="none"
              stroke="currentColor"
              strokeWidth="1.6"
              strokeLinecap="round"
            />
          </svg>
        </ActionIcon>
      )}
      <span className="brand">Entroscope</span>
      <span className="claim">
        watch what entropy regularizers do to a model that learns in this tab
      </span>
      <Share />
      {!areRunsLocked && (
        <Button variant="default" size="xs" px={10} onClick={onRuns} aria-keyshortcuts="k">
          Runs
        </Button>
      )}
      <FileMenu />
      <ActionIcon
        className="only-wide"
        variant="subtle"
        size={30}
        aria-label="Keys"
        onClick={onKeys}
      >
        <span aria-hidden="true">?</span>
      </ActionIcon>
      <ThemeSwitch />
    </header>
  );
}

function Share() {
  const { store } = useLab();
  const [isCopied, setCopied] = useState(false);
  async function share() {
    const url = linkOf(store.getState(), location.href);
    history.replaceState(null, '', url);
    store.setState({ announcement: 'The link is in the address bar.' });
    try {
      await navigator.clipboard.writeText(url.href);
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
    } catch {
      notify(
        store,
        'info',
        'The link is in the address bar',
        'The browser did not let it be copied.',
      );
    }
  }
  return (
    <Button
      className="share"
      variant="default"
      size="xs"
      px={4}
      aria-label={isCopied ? 'Copied' : 'Copy link'}
      onClick={share}
    >
      {isCopied ? 'Copied' : <span className="share-label" />}
    </Button>
  );
}

function FileMenu() {
  const { store, history, library } = useLab();
  const isLocked = useIsLocked('files');
  const [isClassLinkOpen, setClassLinkOpen] = useState(false);
  const [isSaveOpen, setSaveOpen] = useState(false);
  useWindow(() => setClassLinkOpen(false), isClassLinkOpen);
  useWindow(() => setSaveOpen(false), isSaveOpen);
  const take = (json: unknown) => library.importBundle(json);
  function saveCurves() {
    const session = store.getState();
    const { task } = shownExperiment(session);
    download('curves.csv', 'text/csv', curvesToCsv(session.recording?.history ?? history, task));
  }
  function saveExperiment() {
    const session = store.getState();
    const experiment = session.recording ? shownExperiment(session) : session.draft;
    const text = JSON.stringify(formatExperiment(experiment, CATALOG), null, 2);
    download('experiment.json', 'application/json', `${text}\n`);
  }
  if (isLocked) return null;
  return (
    <>
      <FileButton
        multiple
        accept=".json,.csv"
        onChange={(files) => void openFiles(store, files, take)}
      >
        {({ onClick }) => (
          <Menu
            position="bottom-end"
            shadow="md"
            width={280}
            withinPortal={false}
            withInitialFocusPlaceholder={false}
          >
            <Menu.Target>
              <Button variant="default" size="xs" px={10}>
                File
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={onClick}>
                Open…
                <div className="quiet small">
                  an experiment, a bundle, or curves.csv with experiment.json
                </div>
              </Menu.Item>
              <Menu.Item onClick={() => void openShippedRecording(store)}>
                Open the recorded run
                <div className="quiet small">the default preset, measured on three seeds</div>
              </Menu.Item>
              <Menu.Divider />
              <Menu.Item onClick={() => setClassLinkOpen(true)}>
                Link for a class…
                <div className="quiet small">with the controls that students shall see</div>
              </Menu.Item>
              <Menu.Divider />
              <Menu.Item onClick={saveCurves}>
                Save curves
                <div className="quiet small">curves.csv</div>
              </Menu.Item>
              <Menu.Item onClick={saveExperiment}>
                Save experiment
                <div className="quiet small">experiment.json, for npm run train</div>
              </Menu.Item>
              <Menu.Item onClick={() => setSaveOpen(true)}>
                Save a bundle or weights…
                <div className="quiet small">one file of everything; a Hugging Face folder</div>
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </FileButton>
      <SaveDialog isOpen={isSaveOpen} onClose={() => setSaveOpen(false)} />
      {isClassLinkOpen && (
        <Suspense fallback={null}>
          <ClassLink onClose={() => setClassLinkOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

function ThemeSwitch() {
  const scheme = useComputedColorScheme('light');
  const { setColorScheme } = useMantineColorScheme();
  const next = scheme === 'dark' ? 'light' : 'dark';
  return (
    <ActionIcon
      variant="subtle"
      size={30}
      aria-label={`Switch to the ${next} theme`}
      onClick={() => setColorScheme(next)}
    >
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" strokeWidth="1.5" />
        <path d="M8 1.8a6.2 6.2 0 0 1 0 12.4z" fill="currentColor" />
      </svg>
    </ActionIcon>
  );
}
