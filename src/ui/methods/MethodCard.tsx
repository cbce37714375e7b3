/** One method: what it does, its formula with an arm's numbers, where it acts, where it is from, what goes wrong. */
import { Button, Select } from '@mantine/core';
import { Suspense } from 'react';
import type { Experiment } from '../../core/experiment.ts';
import { defaultsOf } from '../../core/param.ts';
import { matchedOf } from '../../core/strength.ts';
import { isTerm, type Method } from '../../methods/method.ts';
import { useSession } from '../context.ts';
import { Formula } from '../controls/Formula.tsx';
import { formatSetting } from '../format.ts';
import { Terms } from '../glossary/Terms.tsx';
import { costsOf } from './costs.ts';
import { type Side, sideOf } from './difference.ts';
import { liveFormula } from './live_formula.ts';
import { FIDELITY, PIPELINE } from './pipeline.ts';
import { showMethods } from './state.ts';
import { Wgsl } from './Wgsl.tsx';

interface Props {
  method: Method;
  experiment: Experiment;
  /** Whose numbers, where it has the method. */
  arm?: string;
}

export function MethodCard({ method, experiment, arm }: Props) {
  const strengths = useSession((session) => session.strengths);
  const sides = experiment.arms
    .filter(({ enabled }) => enabled)
    .map((a) => sideOf(experiment, a, matchedOf(strengths, a.id)))
    .filter(({ methods }) => methods.some(({ id }) => id === method.id));
  const side = sides.find((s) => s.arm.id === arm) ?? sides[0];
  const { paper, fidelity, pitfalls, seen } = method;
  const costs = costsOf(method);
  return (
    <article className="method-card" aria-labelledby="method-card-title">
      <div className="method-card-head">
        <h2 id="method-card-title">{method.label}</h2>
        <Button
          className="methods-back"
          size="compact-sm"
          variant="default"
          onClick={() => showMethods({ method: undefined })}
        >
          All methods
        </Button>
      </div>
      <p>
        <Terms text={method.summary} except={`method.${method.id}`} />
      </p>
      <StageStrip stage={method.stage} />
      <section aria-label="Formula">
        <h3>Formula</h3>
        <div className="method-formula">
          <Suspense fallback={<div style={{ minHeight: 44 }} />}>
            <Formula tex={method.formula} />
          </Suspense>
        </div>
        <Numbers method={method} side={side} sides={sides} />
      </section>
      {pitfalls && (
        <section aria-label="Known pitfalls">
          <h3>Known pitfalls</h3>
          <p>{pitfalls}</p>
        </section>
      )}
      {costs.length > 0 && (
        <section aria-label="What it costs">
          <h3>What it costs</h3>
          {costs.map((text) => (
            <p key={text}>{text}</p>
          ))}
        </section>
      )}
      {seen && (
        <section aria-label="What short runs showed">
          <h3>What short runs showed</h3>
          <p>{seen}</p>
        </section>
      )}
      <section aria-label="Source">
        <h3>Source</h3>
        <p>
          {paper.authors} ({paper.year}),{' '}
          <a href={paper.url} target="_blank" rel="noreferrer">
            {paper.title}
          </a>
          .
        </p>
        <p>
          <b>{FIDELITY[fidelity].name}</b>: {FIDELITY[fidelity].means}
        </p>
      </section>
      <Wgsl method={method} side={side} />
    </article>
  );
}

/** The stages of a step in their order; the method's is marked by a frame and in words. */
function StageStrip({ stage }: { stage: Method['stage'] }) {
  return (
    <section aria-label="Where it acts">
      <h3>Where it acts</h3>
      <ol className="stage-strip">
        {PIPELINE.map((info) => (
          <li key={info.stage} aria-current={info.stage === stage ? 'step' : undefined}>
            <b>{info.name}</b>
            <span className="small">{info.stage === stage ? 'here' : ''}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

interface NumbersProps {
  method: Method;
  side?: Side;
  sides: readonly Side[];
}

/** The formula with an arm's numbers, and all settings with theirs. */
function Numbers({ method, side, sides }: NumbersProps) {
  const values = side?.values ?? defaultsOf(method.id, method.params);
  const live = liveFormula(method, values);
  const params = Object.entries(method.params);
  if (params.length === 0) return <p className="quiet small">It has no settings.</p>;
  return (
    <>
      <div className="method-numbers-head">
        {side && sides.length > 1 ? (
          <Select
            size="xs"
            label="With the numbers of"
            allowDeselect={false}
            comboboxProps={{ zIndex: 360 }}
            data={sides.map(({ arm }) => ({ value: arm.id, label: arm.name }))}
            value={side.arm.id}
            onChange={(arm) => showMethods({ arm: arm ?? undefined })}
          />
        ) : (
          <p className="quiet small">
            {side ? `With the numbers of ${side.arm.name}:` : 'No arm has it; with its defaults:'}
          </p>
        )}
      </div>
      {live !== method.formula && (
        <div className="method-formula">
          <Suspense fallback={<div style={{ minHeight: 44 }} />}>
            <Formula tex={live} />
          </Suspense>
        </div>
      )}
      <dl className="method-values">
        {params.map(([name, param]) => {
          const value = values[`${method.id}.${name}`] ?? param.default;
          const isNumber = param.kind === 'number';
          return (
            <div key={name}>
              <dt>{param.label}</dt>
              <dd className="number">
                {param.kind === 'switch' && (value === 1 ? 'on' : 'off')}
                {param.kind === 'choice' && param.options[value]?.label}
                {isNumber && formatSetting(value)}
                {isNumber && param.unit ? ` ${param.unit}` : ''}
                {isTerm(method) && isMatchedHere(method.strength, name, side) ? ' (matched)' : ''}
              </dd>
            </div>
          );
        })}
      </dl>
    </>
  );
}

const isMatchedHere = (strength: string | undefined, name: string, side: Side | undefined) =>
  strength === name && (side?.isMatched ?? false);
