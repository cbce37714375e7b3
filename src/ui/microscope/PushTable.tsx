/** Tokens down, terms across: the distribution and the signed push on every logit; below, the sum under each arm. */
import { Switch } from '@mantine/core';
import { type CSSProperties, useState } from 'react';
import { formatValue } from '../format.ts';
import { useShownExperiment } from '../use_shown_experiment.ts';
import { type Given, textOf } from './given.ts';
import { coefficientOf, pushOf, shortName, shownTokens, sumOf } from './reading.ts';

interface Column {
  key: string;
  title: string;
  note: string;
  /** [V] */
  push: number[];
}

export function PushTable(given: Given) {
  const { target, task, inspection, seen, token, mixture } = given;
  /** Small terms would vanish beside large ones: each column has its own scale at first. */
  const [isShared, setShared] = useState(false);
  const experiment = useShownExperiment();
  const V = task.vocabulary.length;
  const taken = target.sample.tokens[target.position] as number;
  const largest = Array.from(mixture ?? [], (_, id) => id)
    .sort((a, b) => (mixture?.[b] as number) - (mixture?.[a] as number))
    .slice(0, 3);
  const ids = shownTokens(
    token.probabilities,
    mixture ? [...largest, task.eos] : [taken, task.eos],
  );
  const pushes = seen.terms.map((term) => pushOf(term, target.position, V));
  const terms = seen.terms.map((term, i): Column => {
    const note = coefficientOf(term);
    return { key: `term ${i}`, title: shortName(term.method), note, push: pushes[i] as number[] };
  });
  const nameOf = (arm: string) => experiment.arms.find(({ id }) => id === arm)?.name ?? arm;
  const sums = inspection.arms.map(({ arm, terms: own }): Column => {
    const title = nameOf(arm);
    return {
      key: arm,
      title,
      note: 'sum',
      push: sumOf(
        own.map((i) => pushes[i] as number[]),
        V,
      ),
    };
  });
  const all = [...terms, ...sums];
  const sizeOf = ({ push }: Column) => Math.max(...push.map(Math.abs), 1e-12);
  const common = Math.max(...all.map(sizeOf));
  const scaleOf = (column: Column) => (isShared ? common : sizeOf(column));
  const shared = { given, ids, taken: mixture ? undefined : taken, scaleOf };
  return (
    <section className="scope-pushes" aria-label="Push on every logit">
      <div className="scope-head">
        <h3>Distribution and push on each logit</h3>
        <Switch
          size="xs"
          label="one scale for all columns"
          checked={isShared}
          onChange={(event) => setShared(event.currentTarget.checked)}
        />
      </div>
      <p className="small quiet scope-legend">
        <i className="push-key" data-sign="plus" /> likelier after a step
        <i className="push-key" data-sign="minus" /> less likely.{' '}
        {isShared
          ? 'Bars of all columns compare.'
          : 'Bars compare within a column, numbers everywhere.'}{' '}
        A push is minus the gradient of the loss, from the training kernel with that term alone.
      </p>
      <Table {...shared} caption="Terms" columns={terms} hasChance />
      <Table {...shared} caption="Sum under each arm" columns={sums} />
      {inspection.arms.map(
        ({ arm, missing }) =>
          missing.length > 0 && (
            <p key={arm} className="small quiet">
              Not in the sum of {nameOf(arm)}: {missing.map(shortName).join(', ')}. What it does to
              a token is decided by the arm’s whole batch
              {arm === inspection.arm
                ? ', and this step’s is no longer there.'
                : ', and this response is not in it.'}
            </p>
          ),
      )}
    </section>
  );
}

interface TableProps {
  given: Given;
  ids: readonly number[];
  /** Undefined at a latent position. */
  taken: number | undefined;
  columns: readonly Column[];
  caption: string;
  hasChance?: boolean;
  scaleOf(column: Column): number;
}

function Table({ given, ids, taken, columns, caption, hasChance = false, scaleOf }: TableProps) {
  const { task, token, mixture } = given;
  const rest = Array.from(token.probabilities, (_, id) => id).filter((id) => !ids.includes(id));
  const total = (of: (id: number) => number) => rest.reduce((sum, id) => sum + of(id), 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className="table-scroll scope-table-frame" tabIndex={0} aria-label={caption}>
      <table className="scope-table number">
        <thead>
          <tr>
            <th scope="col">{caption}</th>
            {hasChance && <th scope="col">probability</th>}
            {hasChance && mixture && <th scope="col">share in the mixture</th>}
            {columns.map((column) => (
              <th key={column.key} scope="col">
                {column.title} <span className="quiet">{column.note}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ids.map((id) => (
            <tr key={id} data-taken={id === taken}>
              <th scope="row">
                <code>{textOf(task, id)}</code>
                {id === taken && <span className="scope-taken">taken</span>}
              </th>
              {hasChance && <Chance p={token.probabilities[id] as number} />}
              {hasChance && mixture && <Chance p={mixture[id] as number} />}
              {columns.map((column) => (
                <Push key={column.key} value={column.push[id] as number} scale={scaleOf(column)} />
              ))}
            </tr>
          ))}
          {rest.length > 0 && (
            <tr className="quiet">
              <th scope="row">{rest.length} others</th>
              {hasChance && <Chance p={total((id) => token.probabilities[id] as number)} />}
              {hasChance && mixture && <Chance p={total((id) => mixture[id] as number)} />}
              {columns.map((column) => (
                <Push
                  key={column.key}
                  value={total((id) => column.push[id] as number)}
                  scale={scaleOf(column)}
                />
              ))}
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}

function Chance({ p }: { p: number }) {
  return (
    <td className="chance">
      <i style={{ width: `${100 * p}%` }} />
      <span>{p >= 0.0005 ? `${(100 * p).toFixed(1)} %` : '< 0.1 %'}</span>
    </td>
  );
}

function Push({ value, scale }: { value: number; scale: number }) {
  const share = Math.min(1, Math.abs(value) / scale);
  const sign = value > 0 ? 'plus' : 'minus';
  return (
    <td className="push" data-sign={sign} style={{ '--share': share } as CSSProperties}>
      <i />
      <span>
        {value > 0 ? '+' : ''}
        {Math.abs(value) < 5e-7 ? '0' : formatValue(value)}
      </span>
    </td>
  );
}
