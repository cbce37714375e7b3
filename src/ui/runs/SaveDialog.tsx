/** Saving what others can open: a bundle of the experiment, or the weights of one run. */
import { Button, Checkbox, Modal, Select } from '@mantine/core';
import { useState } from 'react';
import { runKey, runsOf } from '../../core/experiment.ts';
import { useLab, useSession } from '../context.ts';

interface Props {
  isOpen: boolean;
  onClose: () => void;
}

export function SaveDialog({ isOpen, onClose }: Props) {
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title="Save a bundle or weights"
      size="md"
      attributes={{ header: { role: 'presentation' } }}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className="save-parts">
        <SaveBundle onClose={onClose} />
        <SaveWeights onClose={onClose} />
      </div>
    </Modal>
  );
}

/** There are weights on the device. */
function useHasWeights(): boolean {
  return useSession(({ state, recording }) => {
    return !recording && !['empty', 'preparing', 'failed'].includes(state);
  });
}

function SaveBundle({ onClose }: { onClose: () => void }) {
  const { library } = useLab();
  const hasWeights = useHasWeights();
  const [withState, setWithState] = useState(false);
  return (
    <section className="save-part" aria-labelledby="save-bundle-title">
      <h3 className="section-title" id="save-bundle-title">
        Bundle
      </h3>
      <p className="quiet">
        One file with settings, curves and sample responses. Dropped on this page, it opens again.
      </p>
      <Checkbox
        size="xs"
        label="with the weights and optimizer state of every run, to go on from"
        checked={withState && hasWeights}
        disabled={!hasWeights}
        onChange={(event) => setWithState(event.currentTarget.checked)}
      />
      <Button
        size="xs"
        onClick={() => {
          void library.saveBundle(withState && hasWeights);
          onClose();
        }}
      >
        Save bundle
      </Button>
    </section>
  );
}

function SaveWeights({ onClose }: { onClose: () => void }) {
  const { library } = useLab();
  const hasWeights = useHasWeights();
  const opened = useSession((session) => session.opened);
  const runs = opened ? runsOf(opened) : [];
  const names = new Map(opened?.arms.map((arm) => [arm.id, arm.name]));
  const [key, setKey] = useState<string | null>(null);
  const chosen = runs.find((run) => runKey(run) === key) ?? runs[0];
  return (
    <section className="save-part" aria-labelledby="save-weights-title">
      <h3 className="section-title" id="save-weights-title">
        Weights
      </h3>
      <p className="quiet">
        The model of one run as a Hugging Face folder in a zip: <code>LlamaForCausalLM</code> with
        its tokenizer.
      </p>
      <Select
        size="xs"
        label="Run"
        allowDeselect={false}
        disabled={!hasWeights || !chosen}
        data={runs.map((run) => ({
          value: runKey(run),
          label: `${names.get(run.arm)}, seed ${run.seed}`,
        }))}
        value={chosen ? runKey(chosen) : null}
        onChange={setKey}
      />
      <Button
        size="xs"
        disabled={!hasWeights || !chosen}
        onClick={() => {
          if (chosen) void library.saveWeights(chosen);
          onClose();
        }}
      >
        Save weights
      </Button>
    </section>
  );
}
