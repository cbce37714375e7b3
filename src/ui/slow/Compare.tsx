/** Phases 4 and 5: the arms side by side, each with the responses that its own update learned from. */
import { Button, SegmentedControl } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { SlowArm, SlowResponse } from '../../core/slow_step.ts';
import { LineSample } from '../controls/LineSample.tsx';
import { formatValue } from '../format.ts';
import { TintLegend } from '../responses/TintLegend.tsx';
import { Detail } from './Detail.tsx';
import { armOf, positionInWords, type SlowGiven, textOfAll } from './given.ts';
import { advantageOf, fewOf, fullOf, isSame, isSamePrompt, type Measure } from './shaping.ts';
import { TokenLine } from './TokenLine.tsx';

/** Shown of each arm before all are asked for. */
const FEW = 4;

interface Props {
  given: SlowGiven;
  measures: readonly Measure[];
  /** What the choice of the measure is called. */
  label: string;
  /** In words and numbers, above an arm's tokens. */
  summary(arm: SlowArm, measure: Measure): ReactNode;
  /** Of one token. */
  detail(response: SlowResponse, position: number, measure: Measure): ReactNode;
}

interface Pointed {
  arm: string;
  place: number;
  position: number;
}

export function Compare({ given, measures, label, summary, detail }: Props) {
  const { step, task } = given;
  // What no arm does would be an empty first sight.
  const [chosen, setChosen] = useState<string>();
  const [isAll, setAll] = useState(false);
  const [pointed, setPointed] = useState<Pointed>();
  const first = measures.find((m) => fullOf(step.arms, m) > 0) ?? measures[0];
  const measure = measures.find(({ id }) => id === chosen) ?? first;
  const full = fullOf(step.arms, measure);
  const fill = { label: measure.name, unit: measure.unit, isSigned: true };
  const most = Math.max(...step.arms.map(({ responses }) => responses.length));
  const own = pointed && step.arms.find(({ arm }) => arm === pointed.arm);
  const response = pointed && own?.responses[pointed.place];
  return (
    <>
      <div className="slow-tools">
        <SegmentedControl
          aria-label={label}
          data={measures.map((m) => ({ value: m.id, label: m.label }))}
          value={measure.id}
          onChange={setChosen}
        />
        {isSamePrompt(step) && (
          <span>
            Prompt <code className="prompt">{textOfAll(task, step.arms[0].prompt)}</code>
          </span>
        )}
        <TintLegend tint={{ ...fill, id: 'slow', help: '' }} full={full} />
      </div>
      <p className="slow-fact">{whose(given)}</p>
      <Detail hasTokens>
        {own && response && (
          <>
            {armOf(given, own.arm).name}, response {pointed.place + 1},{' '}
            <code>{positionInWords(response, pointed.position, task)}</code>:{' '}
            {detail(response, pointed.position, measure)}
          </>
        )}
      </Detail>
      <div className="slow-arms">
        {step.arms.map((arm) => {
          const { name, color } = armOf(given, arm.arm);
          const places = isAll ? arm.responses.map((_, i) => i) : fewOf(arm.responses, FEW);
          return (
            <section key={arm.arm} className="slow-arm" aria-label={name}>
              <h3>
                <LineSample color={color} width={36} /> {name}
              </h3>
              <div className="slow-summary number">{summary(arm, measure)}</div>
              {!isSamePrompt(step) && <code className="prompt">{textOfAll(task, arm.prompt)}</code>}
              <ol className="slow-rows">
                {places.map((place) => {
                  const r = arm.responses[place];
                  const A = advantageOf(r);
                  return (
                    <li key={place} className="slow-row">
                      <span className="slow-place number">
                        <span
                          className={r.correct ? 'mark-right' : 'mark-wrong'}
                          aria-hidden="true"
                        >
                          {r.correct ? '✓' : '✗'}
                        </span>
                        <span className="visually-hidden">{r.correct ? 'right' : 'wrong'}, </span>
                        {A > 0 ? '+' : ''}
                        {formatValue(A)}
                      </span>
                      <TokenLine
                        name={`${name}, response ${place + 1}`}
                        task={task}
                        tokens={r.tokens}
                        mixtures={r.mixtures}
                        fill={fill}
                        values={measure.of(r)}
                        full={full || 1}
                        onPoint={(position) => setPointed({ arm: arm.arm, place, position })}
                      />
                    </li>
                  );
                })}
              </ol>
            </section>
          );
        })}
      </div>
      {most > FEW && (
        <Button size="xs" variant="default" className="slow-all" onClick={() => setAll(!isAll)}>
          {isAll ? `Show ${FEW} of each` : `Show all ${most} of each`}
        </Button>
      )}
    </>
  );
}

/** Which responses these are, and what may be compared. */
function whose({ step }: SlowGiven): string {
  if (step.arms.length === 1) return 'The number before a response is its advantage.';
  if (isSame(step))
    return 'All arms had the same weights and wrote the same responses: only the method differs. Before each stands its advantage.';
  const prompt = isSamePrompt(step) ? 'own responses to the same prompt' : 'own group';
  return `Each arm’s ${prompt}: what its update really learned from. Before each stands its advantage.`;
}
