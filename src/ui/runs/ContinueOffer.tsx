/** After a reload, a closed tab or a crash: the run that was cut off, and where it can go on. */
import { Alert, Button, Group } from '@mantine/core';
import { useLab, useRuns, useSession } from '../context.ts';

export function ContinueOffer() {
  const { library, history } = useLab();
  const offer = useRuns((state) => state.offer);
  const run = useRuns((state) => state.runs.find(({ id }) => id === offer?.id));
  const state = useSession((session) => session.state);
  const isRecording = useSession((session) => session.recording !== undefined);
  if (!offer || !run || run.isRemoved || isRecording || history.lastStep() > 0) return null;
  return (
    <Alert title={`“${run.name}” was cut off`} style={{ '--alert': 'var(--ink-2)' }}>
      <p>
        It had come to step {Math.max(run.step, offer.step ?? 0)} of{' '}
        {run.experiment.values['trainer.steps']} ({run.label}).{' '}
        {offer.step === undefined
          ? 'No state of it was kept yet. Started again with the same seeds, it takes the same steps on this adapter, number by number.'
          : `Its curves and its state at step ${offer.step} are kept in this browser.`}
      </p>
      <Group mt={10}>
        <Button
          size="xs"
          disabled={state === 'empty'}
          onClick={() => void library.continueRun(offer.id)}
        >
          {offer.step === undefined
            ? `Start ${run.name} again`
            : `Continue ${run.name} from step ${offer.step}`}
        </Button>
        <Button size="xs" variant="default" onClick={() => library.notNow(offer.id)}>
          Not now
        </Button>
      </Group>
    </Alert>
  );
}
