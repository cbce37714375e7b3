/** The adapter, what was proposed for it and why, and the choice between that and the preset's own settings. */
import { Button } from '@mantine/core';
import { useLab, useSession } from '../context.ts';
import { withProposal } from '../proposal.ts';

export function AdapterLine() {
  const { actions } = useLab();
  const adapter = useSession((session) => session.adapter);
  const draft = useSession((session) => session.draft);
  const choice = useSession((session) => session.proposal);
  const isRecording = useSession((session) => session.recording !== undefined);
  if (isRecording) return null;
  // The line keeps its place before the probe has answered.
  if (!adapter) return <p className="adapter quiet small">Looking at the graphics adapter…</p>;
  const name = adapter.description || [adapter.vendor, adapter.architecture].join(' ').trim();
  const isMet = withProposal(draft, adapter) === draft;
  return (
    <div className="adapter small">
      <span className="quiet">
        {adapter.software ? 'Software adapter' : 'Adapter'}: {name || 'unnamed'},{' '}
        <span className="number">
          {adapter.gflops.toFixed(adapter.gflops < 10 ? 1 : 0)} GFLOP/s
        </span>{' '}
        measured.
      </span>{' '}
      {isMet && choice === 'applied' && (
        <>
          <b>Settings were fitted to it.</b> {adapter.proposal.why}{' '}
          <Button variant="default" size="compact-xs" onClick={actions.usePreset}>
            Use the preset’s own settings
          </Button>
        </>
      )}
      {!isMet && (
        <>
          <b>A proposal for it:</b> {adapter.proposal.why}{' '}
          <Button variant="default" size="compact-xs" onClick={actions.useProposal}>
            Fit the settings to this adapter
          </Button>
        </>
      )}
    </div>
  );
}
