/** The adapter, what was proposed for it and why, and the choice between that and the preset's own settings. */
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useIsLocked, useLab, useSession } from '../context.ts';
import { Help } from '../controls/Help.tsx';
import { adapterName } from '../format.ts';
import { withProposal } from '../proposal.ts';

export function AdapterLine() {
  const { actions } = useLab();
  const adapter = useSession((session) => session.adapter);
  const draft = useSession((session) => session.draft);
  const choice = useSession((session) => session.proposal);
  const isRecording = useSession((session) => session.recording !== undefined);
  const areSizesLocked = [useIsLocked('training'), useIsLocked('setup')].includes(true);
  if (isRecording) return null;
  // The line keeps its place before the probe has answered.
  if (!adapter) return <p className="adapter quiet small">Looking at the graphics adapter…</p>;
  const isMet = withProposal(draft, adapter) === draft;
  return (
    <div className="adapter small">
      <span className="quiet">
        {adapter.software ? 'Software adapter' : 'Adapter'}: {adapterName(adapter)},{' '}
        <span className="number">
          {adapter.gflops.toFixed(adapter.gflops < 10 ? 1 : 0)} GFLOP/s
        </span>
      </span>
      {!areSizesLocked && isMet && choice === 'applied' && (
        <Proposal title="Settings were fitted to it." why={adapter.proposal.why}>
          <Button variant="default" size="compact-xs" onClick={actions.usePreset}>
            Use the preset’s
          </Button>
        </Proposal>
      )}
      {!areSizesLocked && !isMet && (
        <Proposal title="Other settings would fit it better." why={adapter.proposal.why}>
          <Button variant="default" size="compact-xs" onClick={actions.useProposal}>
            Fit the settings
          </Button>
        </Proposal>
      )}
    </div>
  );
}

interface ProposalProps {
  title: string;
  why: string;
  children: ReactNode;
}

/** In one line; why, on demand. */
function Proposal({ title, why, children }: ProposalProps) {
  return (
    <span className="proposal">
      <b>{title}</b>
      <Help of="the proposal for this adapter">
        <p>{why}</p>
      </Help>
      {children}
    </span>
  );
}
