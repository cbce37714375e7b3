/** All methods by stage with a search and a card for each, and the losses of two arms side by side. */
import { Button, Modal, SegmentedControl, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useState } from 'react';
import { activeMethods } from '../../core/catalog.ts';
import type { Experiment } from '../../core/experiment.ts';
import { METHODS } from '../../methods/index.ts';
import { findMethod } from '../declared.ts';
import { useShownExperiment } from '../use_shown_experiment.ts';
import { Comparison } from './Comparison.tsx';
import { MethodCard } from './MethodCard.tsx';
import { searchMethods } from './pipeline.ts';
import { closeMethods, showMethods, useMethods } from './state.ts';
import './methods.css';
import './comparison.css';

export default function MethodsWindow() {
  const { view, method, arm } = useMethods();
  const experiment = useShownExperiment();
  const isWide = useMediaQuery('(min-width: 800px)', true, { getInitialValueInEffect: false });
  const chosen = method === undefined ? undefined : findMethod(method);
  return (
    <Modal
      opened
      // Above the small windows from which a card may have been opened, below the glossary.
      zIndex={350}
      onClose={closeMethods}
      title="Methods"
      size={1080}
      fullScreen={!isWide}
      attributes={{ header: { role: 'presentation' } }}
      closeButtonProps={{ 'aria-label': 'Close the methods' }}
      styles={{ title: { fontWeight: 650 } }}
    >
      <SegmentedControl
        size="xs"
        aria-label="What to show"
        data={[
          { value: 'cards', label: 'Cards' },
          { value: 'compare', label: 'Compare two arms' },
        ]}
        value={view}
        onChange={(next) => showMethods({ view: next as typeof view })}
      />
      {view === 'compare' ? (
        <Comparison experiment={experiment} />
      ) : (
        <div className="methods" data-chosen={chosen !== undefined}>
          <MethodList chosen={method} />
          {chosen ? (
            <MethodCard key={chosen.id} method={chosen} experiment={experiment} arm={arm} />
          ) : (
            <Start experiment={experiment} />
          )}
        </div>
      )}
    </Modal>
  );
}

/** Before one is chosen: those that are in use. */
function Start({ experiment }: { experiment: Experiment }) {
  const arms = experiment.arms.filter((arm) => arm.enabled);
  const used = new Set(arms.flatMap((arm) => activeMethods(experiment, arm, METHODS)));
  return (
    <div className="methods-empty">
      <p className="quiet">
        Choose a method to see what it does, its formula with your numbers, and where it acts. In
        this experiment:
      </p>
      <div className="methods-used">
        {[...used].map(({ id, label }) => (
          <Button key={id} size="xs" variant="default" onClick={() => showMethods({ method: id })}>
            {label}
          </Button>
        ))}
      </div>
    </div>
  );
}

function MethodList({ chosen }: { chosen?: string }) {
  const [query, setQuery] = useState('');
  const groups = searchMethods(query);
  const count = groups.reduce((sum, { methods }) => sum + methods.length, 0);
  return (
    <nav className="methods-list" aria-label="Methods by stage">
      <TextInput
        data-autofocus
        size="xs"
        aria-label="Search the methods"
        placeholder="Search, such as entropy, clip, Cui"
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
      />
      <p className="visually-hidden" role="status">
        {query === '' ? '' : `${count} found`}
      </p>
      {count === 0 && <p className="quiet small">No method holds these words.</p>}
      {groups.map(({ stage, name, does, methods }) => (
        <section key={stage} aria-label={name}>
          <h3 className="section-title">{name}</h3>
          <p className="quiet small">{does}</p>
          <ul>
            {methods.map(({ id, label }) => (
              <li key={id}>
                <button
                  type="button"
                  aria-current={id === chosen}
                  onClick={() => showMethods({ method: id })}
                >
                  {label}
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}
