/** The exact WGSL of the fused loss of each arm, to read and to copy. */
import { Button, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { TrustLoss } from '../../core/trust.ts';
import { useLab } from '../context.ts';
import { useShownExperiment } from '../use_shown_experiment.ts';

export function LossText({ losses }: { losses: readonly TrustLoss[] }) {
  const { store } = useLab();
  const [chosen, setChosen] = useState<string>();
  const [isCopied, setCopied] = useState(false);
  const experiment = useShownExperiment();
  const loss = losses.find(({ arm }) => arm === chosen) ?? losses[0];
  const nameOf = (arm: string) => experiment.arms.find(({ id }) => id === arm)?.name ?? arm;
  if (!loss) return null;
  const { wgsl, note } = loss;
  async function copy() {
    try {
      await navigator.clipboard.writeText(wgsl);
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
      store.setState({ announcement: 'The WGSL is copied.' });
    } catch {
      store.setState({ announcement: 'The browser did not let it be copied; select the text.' });
    }
  }
  return (
    <section aria-label="Text of the losses">
      <div className="trust-head">
        <h3>The fused loss as compiled</h3>
        <SegmentedControl
          size="xs"
          aria-label="Arm"
          data={losses.map(({ arm }) => ({ value: arm, label: nameOf(arm) }))}
          value={loss.arm}
          onChange={setChosen}
        />
        <Button size="compact-sm" variant="default" w={92} onClick={() => void copy()}>
          {isCopied ? 'Copied' : 'Copy WGSL'}
        </Button>
      </div>
      <p className="small quiet">
        {loss.methods.join(', ')}; {wgsl.split('\n').length} lines, nothing left out.
      </p>
      {note && (
        <p className="small">
          <b>Falls back:</b> {note}
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <pre className="trust-text" tabIndex={0}>
        {wgsl}
      </pre>
    </section>
  );
}
