/** λ against −A of one arm's tokens, live: what IB regularization takes for equal, tested. */
import { memo, useCallback, useEffect } from 'react';
import { useStore } from 'zustand';
import type { DrawnArm } from '../charts/frame.ts';
import { MarkPlot } from '../charts/MarkPlot.tsx';
import type { Sheet } from '../charts/plot_marks.ts';
import { useLab, useSession } from '../context.ts';
import { Help } from '../controls/Help.tsx';
import { formatValue } from '../format.ts';
import { meansText, pairsPlot, summary } from './pairs_plot.ts';

export const PairsChart = memo(function PairsChart({ arm }: { arm: DrawnArm }) {
  const { pairs } = useLab();
  const isRecording = useSession((session) => session.recording !== undefined);
  const isBusy = useSession((session) => session.isQueued || session.state === 'running');
  // Out of sight, too: it costs next to nothing, and whoever comes here after a pause finds the newest step.
  useEffect(() => (isRecording ? undefined : pairs.watch()), [pairs, isRecording]);
  const live = useStore(pairs.store, (byArm) => byArm[arm.id]);
  const shown = isRecording ? undefined : live;
  const draw = useCallback(
    ({ box, paper }: Sheet) => (shown ? pairsPlot(shown, box, arm.stroke, paper, 11) : []),
    [shown, arm.stroke],
  );
  const title = `λ against −A: ${arm.name}`;
  const empty = isRecording
    ? 'single tokens are not in a file'
    : isBusy
      ? 'from the next step on'
      : 'drawn while its run trains';
  return (
    <figure className="card chart" data-pairs={arm.id}>
      <div className="chart-head">
        <h3 title={title}>{title}</h3>
        {shown && (
          <span className="quiet small number">
            r = {formatValue(shown.r)}, step {shown.step}
          </span>
        )}
        <Help of={title} width={340}>
          <p>
            Each dot is a token of the newest step: how much its entropy is charged (λ above 0) or
            paid (below), against its advantage with the sign turned. IB regularization rests on the
            step from λ to −A, which no source has tested; were it exact, all dots would lie on the
            dashed line.
          </p>
          <p className="quiet small">
            Of the first seed, at most once a second, and up to 600 tokens of a step; r is Pearson’s
            correlation over all of its tokens. Advantages of an algorithm such as GRPO are one
            number per response, so dots stand in columns.
          </p>
        </Help>
      </div>
      <figcaption className="visually-hidden">
        {shown ? summary(arm.name, shown) : `${title}: ${empty}.`}
      </figcaption>
      <MarkPlot draw={shown && draw} empty={empty} />
      <p className="quiet small number" aria-hidden="true">
        {shown ? `${shown.tokens} tokens of seed ${shown.seed}. ${meansText(shown)}` : '\u00a0'}
      </p>
    </figure>
  );
});
