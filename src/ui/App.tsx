/** The page: header, settings at the left (in a drawer on narrow screens), curves and responses. */
import { Drawer } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useState } from 'react';
import { ChartGrid } from './charts/ChartGrid.tsx';
import { useSession } from './context.ts';
import { SettingsPanel } from './controls/SettingsPanel.tsx';
import { Glossary } from './glossary/Glossary.tsx';
import { Methods } from './methods/Methods.tsx';
import { MicroscopeHost } from './microscope/MicroscopeHost.tsx';
import { UpdateHint } from './offline/UpdateHint.tsx';
import { Responses } from './responses/Responses.tsx';
import { ForkDialog } from './runs/ForkDialog.tsx';
import { RunsDrawer } from './runs/RunsDrawer.tsx';
import { AdapterLine } from './session/AdapterLine.tsx';
import { DropZone } from './session/DropZone.tsx';
import { Header } from './session/Header.tsx';
import { Notices } from './session/Notices.tsx';
import { Shortcuts } from './session/Shortcuts.tsx';
import { Story } from './session/Story.tsx';
import { Transport } from './session/Transport.tsx';
import { SlowHost } from './slow/SlowHost.tsx';
import { SweepDialog } from './sweep/SweepDialog.tsx';
import { Tour } from './tour/Tour.tsx';
import { TrustSection } from './trust/TrustSection.tsx';
import { useShownExperiment } from './use_shown_experiment.ts';
import { useWindow } from './use_window.ts';

export function App() {
  const isWide = useMediaQuery('(min-width: 1000px)', true, { getInitialValueInEffect: false });
  const [isPanelOpen, setPanelOpen] = useState(false);
  const [isKeysOpen, setKeysOpen] = useState(false);
  const [isRunsOpen, setRunsOpen] = useState(false);
  const experiment = useShownExperiment();
  useWindow(() => setPanelOpen(false), isPanelOpen && !isWide);
  return (
    <>
      <Header
        onSettings={isWide ? undefined : () => setPanelOpen(true)}
        onKeys={() => setKeysOpen(true)}
        onRuns={() => setRunsOpen(true)}
      />
      <div className="shell">
        {isWide ? (
          <aside className="panel" aria-label="Settings">
            <SettingsPanel />
          </aside>
        ) : (
          <Drawer
            opened={isPanelOpen}
            onClose={() => setPanelOpen(false)}
            title="Settings"
            size="min(92vw, 360px)"
            padding={0}
            styles={{ header: { padding: '12px 16px' }, title: { fontWeight: 650 } }}
            attributes={{ header: { role: 'presentation' } }}
            closeButtonProps={{ 'aria-label': 'Close the settings' }}
          >
            <SettingsPanel />
          </Drawer>
        )}
        <main className="main">
          <Transport />
          <Notices />
          <Story experiment={experiment} />
          <AdapterLine />
          <ChartGrid experiment={experiment} />
          <Responses experiment={experiment} />
          <TrustSection />
        </main>
      </div>
      <Shortcuts
        isOpen={isKeysOpen}
        setOpen={setKeysOpen}
        onRuns={() => setRunsOpen((isOpen) => !isOpen)}
        areRunsOpen={isRunsOpen}
      />
      <RunsDrawer isOpen={isRunsOpen} onClose={() => setRunsOpen(false)} />
      <ForkDialog />
      <SweepDialog />
      <DropZone />
      <MicroscopeHost />
      <SlowHost />
      <UpdateHint />
      <Methods />
      <Glossary />
      <Tour />
      <LiveRegion />
    </>
  );
}

function LiveRegion() {
  const announcement = useSession((session) => session.announcement);
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {announcement}
    </div>
  );
}
