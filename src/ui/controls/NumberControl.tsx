/** A number as a field with a slider below. The field refuses what is out of range in words; the slider cannot leave it. */
import { Slider, TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import type { Notice } from '../../core/notices.ts';
import { type NumberParam, parseParam, rangeOf } from '../../core/param.ts';
import { formatSetting } from '../format.ts';
import { NoticeText } from './Notice.tsx';
import { ParamLabel } from './ParamLabel.tsx';
import { moveTo, STOPS, stopOf } from './scale.ts';

interface Props {
  param: NumberParam;
  value: number;
  onChange: (value: number) => void;
  color?: string;
  notice?: Notice;
}

export function NumberControl({ param, value, onChange, color, notice }: Props) {
  const id = useId();
  /** What stands in the field while it is not, or not yet, the value. */
  const [text, setText] = useState<string>();
  const noticeId = notice ? `${id}-notice` : undefined;
  const error = text === undefined ? undefined : check(param, text);

  function type(next: string) {
    setText(next);
    if (!check(param, next)) onChange(Number(next));
  }

  return (
    <div className="param">
      <div className="param-head">
        <ParamLabel param={param} htmlFor={id} />
        <TextInput
          id={id}
          className="param-field"
          size="xs"
          inputMode="decimal"
          value={text ?? formatSetting(value).replace('−', '-')}
          error={error !== undefined}
          aria-describedby={error ? `${id}-error` : noticeId}
          onChange={(event) => type(event.currentTarget.value)}
          onBlur={() => !error && setText(undefined)}
          onKeyDown={(event) => event.key === 'Escape' && setText(undefined)}
        />
      </div>
      <Slider
        size={4}
        thumbSize={14}
        color={color}
        min={0}
        max={STOPS}
        value={stopOf(param, value)}
        label={null}
        thumbLabel={param.label}
        thumbProps={{ 'aria-describedby': noticeId }}
        thumbValueText={`${formatSetting(value)}${param.unit ? ` ${param.unit}` : ''}`}
        onChange={(stop) => {
          const next = moveTo(param, value, stop);
          setText(undefined);
          if (next !== value) onChange(next);
        }}
      />
      {error && (
        <p className="param-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
      <NoticeText notice={notice} id={noticeId} />
    </div>
  );
}

function check(param: NumberParam, text: string): string | undefined {
  try {
    parseParam(param.label, param, text);
    return undefined;
  } catch {
    return `Must be ${rangeOf(param)}; the value in use stays.`;
  }
}
