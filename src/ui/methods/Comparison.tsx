/** The losses of two arms: what is the same, what differs, said in words, by frames and by the arms' lines. */
import { Select } from '@mantine/core';
import { Suspense, useState } from 'react';
import type { Arm, Experiment } from '../../core/experiment.ts';
import { matchedOf } from '../../core/strength.ts';
import { useSession } from '../context.ts';
import { Formula } from '../controls/Formula.tsx';
import { LineSample } from '../controls/LineSample.tsx';
import { useArmColor } from '../controls/use_arm_color.ts';
import { differenceOf, type Entry, type Piece, piecesOf, type Side, sideOf } from './difference.ts';
import { liveFormula } from './live_formula.ts';
import { showMethods } from './state.ts';

export function Comparison({ experiment }: { experiment: Experiment }) {
  const strengths = useSession((session) => session.strengths);
  const arms = experiment.arms.filter(({ enabled }) => enabled);
  const [chosen, choose] = useState<{ a?: string; b?: string }>({});
  const first = arms.find(({ id }) => id === chosen.a) ?? arms[0];
  const second = arms.find(({ id }) => id === chosen.b) ?? arms.find((arm) => arm !== first);
  if (!first || !second || first === second)
    return <p className="quiet">Two arms that are switched on are needed to compare.</p>;
  const side = (arm: Arm) => sideOf(experiment, arm, matchedOf(strengths, arm.id));
  const [a, b] = [side(first), side(second)];
  const picker = (label: string, own: Arm, other: Arm, key: 'a' | 'b') => (
    <Select
      size="xs"
      label={label}
      allowDeselect={false}
      comboboxProps={{ zIndex: 360 }}
      data={arms.map((arm) => ({ value: arm.id, label: arm.name }))}
      value={own.id}
      // The other's arm: they change places.
      onChange={(id) =>
        choose(
          id === other.id
            ? { a: second.id, b: first.id }
            : { a: first.id, b: second.id, [key]: id },
        )
      }
    />
  );
  const stages = differenceOf(a, b);
  const isSame = stages.every(({ entries }) =>
    entries.every((entry) => entry.where === 'both' && entry.settings.length === 0),
  );
  return (
    <div className="comparison">
      <div className="pair">
        {picker('First arm', first, second, 'a')}
        {picker('Second arm', second, first, 'b')}
      </div>
      {isSame && <p role="status">The two arms do the same with the same settings.</p>}
      <section aria-label="Loss of a token">
        <h3>Loss of a token</h3>
        <div className="pieces">
          {piecesOf(a, b).map((piece, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces keep their order
            <PieceOf key={i} piece={piece} a={first} b={second} isFirst={i === 0} />
          ))}
        </div>
      </section>
      <section aria-label="Stage by stage">
        <h3>Stage by stage</h3>
        {stages.map(({ stage, name, entries }) => (
          <div key={stage} className="difference-stage">
            <h4>{name}</h4>
            <ul>
              {entries.map((entry) => (
                <EntryOf key={entry.method.id} entry={entry} a={a} b={b} />
              ))}
            </ul>
          </div>
        ))}
      </section>
    </div>
  );
}

interface PieceProps {
  piece: Piece;
  a: Arm;
  b: Arm;
  isFirst: boolean;
}

function PieceOf({ piece, a, b, isFirst }: PieceProps) {
  const colorOf = useArmColor();
  const { where, tex } = piece;
  const own = where === 'a' ? a : where === 'b' ? b : undefined;
  const style = own && ({ '--arm': colorOf(own.color) } as React.CSSProperties);
  return (
    <>
      {!isFirst && (
        <span className="piece-plus" aria-hidden="true">
          +
        </span>
      )}
      <figure className="piece" data-where={where} style={style}>
        <Suspense fallback={<div style={{ minHeight: 44 }} />}>
          <Formula tex={tex} />
        </Suspense>
        <figcaption className="small">
          {own ? (
            <>
              <LineSample color={own.color} /> only {own.name}
            </>
          ) : (
            where
          )}
        </figcaption>
      </figure>
    </>
  );
}

function EntryOf({ entry, a, b }: { entry: Entry; a: Side; b: Side }) {
  const { method, where } = entry;
  const own = where === 'a' ? a : where === 'b' ? b : undefined;
  const settings = where === 'both' ? entry.settings : [];
  return (
    <li className="difference-entry" data-where={where}>
      <span className="difference-where small">
        {own ? (
          <>
            <LineSample color={own.arm.color} /> only {own.arm.name}
          </>
        ) : settings.length > 0 ? (
          '≠ other settings'
        ) : (
          '= both'
        )}
      </span>
      <div className="difference-what">
        <button type="button" className="term" onClick={() => openCard(method.id, own)}>
          {method.label}
        </button>
        {own && (
          <Suspense fallback={<div style={{ minHeight: 44 }} />}>
            <Formula tex={liveFormula(method, own.values)} />
          </Suspense>
        )}
        {settings.map((setting) => (
          <p key={setting.label} className="small number">
            {setting.label}: {setting.a} in {a.arm.name}, {setting.b} in {b.arm.name}
          </p>
        ))}
      </div>
    </li>
  );
}

const openCard = (method: string, side?: Side) =>
  showMethods({ view: 'cards', method, ...(side ? { arm: side.arm.id } : {}) });
