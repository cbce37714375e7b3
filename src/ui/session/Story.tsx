/** Name and caption of the experiment: what it shows and what it does not. Presets to choose from when there are several. */
import { Button, Select } from '@mantine/core';
import { useLayoutEffect, useRef, useState } from 'react';
import type { Experiment } from '../../core/experiment.ts';
import { useLab, useSession } from '../context.ts';
import { openGlossary } from '../glossary/state.ts';
import { Terms } from '../glossary/Terms.tsx';
import { openMethods } from '../methods/state.ts';
import type { PresetEntry } from '../presets.ts';
import { tour } from '../tour/state.ts';
import { TourButton } from '../tour/Tour.tsx';

export function Story({ experiment }: { experiment: Experiment }) {
  return (
    <section className="story" aria-label="About this experiment">
      <div className="story-head">
        <h1>{experiment.name}</h1>
        <div className="story-tools">
          <TourButton />
          <Button size="xs" variant="default" onClick={() => openGlossary()} aria-keyshortcuts="g">
            Glossary
          </Button>
          <Button size="xs" variant="default" onClick={() => openMethods()} aria-keyshortcuts="c">
            Methods
          </Button>
          <PresetPicker />
        </div>
      </div>
      {experiment.caption && <Caption key={experiment.caption} text={experiment.caption} />}
    </section>
  );
}

/** The caption's first lines, so that the curves are near; the rest opens on demand, or for a term that gets the focus. */
function Caption({ text }: { text: string }) {
  const [isOpen, setOpen] = useState(false);
  const [isCut, setCut] = useState(true);
  const ref = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => {
    const caption = ref.current;
    if (!caption || isOpen) return;
    const measure = () => setCut(caption.scrollHeight > caption.clientHeight + 1);
    measure();
    const sizes = new ResizeObserver(measure);
    sizes.observe(caption);
    return () => sizes.disconnect();
  }, [isOpen]);
  return (
    <>
      <p
        ref={ref}
        className="caption quiet"
        data-open={isOpen}
        onFocus={({ target }) => {
          if (target.matches(':focus-visible')) setOpen(true);
        }}
      >
        <Terms text={text} />
      </p>
      {(isCut || isOpen) && (
        <button
          type="button"
          className="caption-more"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? 'Less' : 'What it shows, and what it does not'}
        </button>
      )}
    </>
  );
}

function PresetPicker() {
  const { presets, store } = useLab();
  // On another task it is the preset no more.
  const presetId = useSession((session) =>
    session.preset.task === session.draft.task ? session.presetId : null,
  );
  const isLocked = useSession((session) => session.locks.has('presets'));
  const hasEngine = useSession((session) => session.hasEngine);
  if (presets.length < 2 || isLocked || !hasEngine) return null;
  return (
    <Select
      size="xs"
      w={260}
      aria-label="Preset"
      placeholder="Presets"
      allowDeselect={false}
      data={grouped(presets)}
      maxDropdownHeight="min(600px, 64vh)"
      value={presetId}
      onChange={(id) => {
        const preset = presets.find((p) => p.id === id);
        if (!preset) return;
        const { experiment } = preset;
        // Predictions were made for the curves of another experiment.
        tour.setState({ predictions: {} });
        store.setState({
          preset: experiment,
          presetId: preset.id,
          draft: experiment,
          recording: undefined,
          proposal: 'none',
        });
      }}
    />
  );
}

function grouped(presets: readonly PresetEntry[]) {
  const groups = [...new Set(presets.map(({ group }) => group))];
  return groups.map((group) => ({
    group,
    items: presets
      .filter((preset) => preset.group === group)
      .map(({ id, experiment }) => ({ value: id, label: experiment.name })),
  }));
}
