/** "What if the advantage were …": the engine computes every term again at the slider's value. */
import { Slider } from '@mantine/core';
import { useLab } from '../context.ts';
import { formatValue } from '../format.ts';

const MOST = 3;

export function WhatIf({ own, value }: { own: number; value: number }) {
  const { lens } = useLab();
  const isChanged = value !== own;
  return (
    <div className="scope-whatif">
      <span className="scope-whatif-label" id="whatif-label">
        What if the advantage were <b className="number">{formatValue(value)}</b>
      </span>
      <Slider
        thumbLabel="What if the advantage were"
        min={-MOST}
        max={MOST}
        step={0.05}
        restrictToMarks={false}
        value={Math.max(-MOST, Math.min(MOST, value))}
        onChange={(next) => lens.setWhatIf(Math.round(next * 100) / 100)}
        marks={[{ value: -2 }, { value: 0 }, { value: 2 }]}
        label={null}
        size="sm"
      />
      <span className="scope-scale small quiet number" aria-hidden="true">
        <span>−{MOST}: a bad response</span>
        <span>0</span>
        <span>a good response: +{MOST}</span>
      </span>
      <button
        type="button"
        className="scope-refresh"
        disabled={!isChanged}
        onClick={() => lens.setWhatIf(undefined)}
      >
        Back to its own, {formatValue(own)}
      </button>
    </div>
  );
}
