/** The card of the tour: one station at a time, beside the page and not over it, with the way on and back. */
import { Button, CloseButton } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useShownExperiment } from '../use_shown_experiment.ts';
import { Compare } from './Compare.tsx';
import { useHighlight } from './highlight.ts';
import { Predict } from './Predict.tsx';
import { Arms, End, Entropy, Rollout, Run, Welcome } from './Stations.tsx';
import { endTour, leaveTour, tour, useTour } from './state.ts';
import { STATIONS, type Station } from './steps.ts';
import { Why } from './Why.tsx';
import './tour.css';

export default function TourCard() {
  const index = useTour((state) => Math.min(state.step, STATIONS.length - 1));
  const station = STATIONS[index] as Station;
  const heading = useRef<HTMLHeadingElement>(null);
  useHighlight(station.target);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the focus follows the station
  useEffect(() => heading.current?.focus({ preventScroll: true }), [index]);
  const go = (step: number) => tour.setState({ step });
  const isLast = index === STATIONS.length - 1;
  return (
    <div
      role="dialog"
      aria-modal="false"
      aria-labelledby="tour-title"
      className="tour card"
      tabIndex={-1}
      data-side={station.id === 'arms' ? 'end' : 'start'}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        leaveTour();
      }}
    >
      <div className="tour-head">
        <h2 id="tour-title" ref={heading} tabIndex={-1}>
          {station.title}
        </h2>
        <span className="quiet small number">
          {index + 1} of {STATIONS.length}
        </span>
        <CloseButton size="sm" aria-label="Leave the tour; it can be resumed" onClick={leaveTour} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <section className="tour-body" aria-label={station.title} tabIndex={0}>
        <Body station={station} />
      </section>
      <div className="tour-foot">
        <Button size="xs" variant="default" disabled={index === 0} onClick={() => go(index - 1)}>
          Back
        </Button>
        <Button size="xs" onClick={() => (isLast ? endTour() : go(index + 1))}>
          {isLast ? 'Finish' : 'Next'}
        </Button>
      </div>
    </div>
  );
}

function Body({ station }: { station: Station }) {
  const experiment = useShownExperiment();
  switch (station.id) {
    case 'welcome':
      return <Welcome experiment={experiment} />;
    case 'rollout':
      return <Rollout />;
    case 'entropy':
      return <Entropy experiment={experiment} />;
    case 'arms':
      return <Arms experiment={experiment} />;
    case 'predict':
      return station.metric && <Predict metric={station.metric} experiment={experiment} />;
    case 'run':
      return <Run experiment={experiment} />;
    case 'compare':
      return <Compare experiment={experiment} />;
    case 'why':
      return <Why experiment={experiment} />;
    case 'end':
      return <End experiment={experiment} />;
  }
}
