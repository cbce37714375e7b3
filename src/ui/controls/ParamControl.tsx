/** The one control of every declared setting: slider and field, select or switch, with its help. */
import { Select, Switch } from '@mantine/core';
import { useId } from 'react';
import { type Notice, whyIdle } from '../../core/notices.ts';
import type { Param, Params, Values } from '../../core/param.ts';
import { findMethod } from '../declared.ts';
import { Drawing } from './Drawing.tsx';
import { NoticeText, useNotices } from './Notice.tsx';
import { NumberControl } from './NumberControl.tsx';
import { ParamLabel } from './ParamLabel.tsx';

interface Props {
  param: Param;
  value: number;
  onChange: (value: number) => void;
  /** Of the slider; an arm's settings have the arm's. */
  color?: string;
  /** Said below the control and by it to a screen reader. */
  notice?: Notice;
}

export function ParamControl({ param, value, onChange, color, notice }: Props) {
  const id = useId();
  const describedBy = notice ? `${id}-notice` : undefined;
  if (param.kind === 'number') {
    return (
      <NumberControl
        param={param}
        value={value}
        onChange={onChange}
        color={color}
        notice={notice}
      />
    );
  }
  if (param.kind === 'switch') {
    return (
      <div className="param">
        <div className="param-head">
          <ParamLabel param={param} htmlFor={id} />
          <Switch
            id={id}
            size="xs"
            aria-describedby={describedBy}
            checked={value === 1}
            onChange={(event) => onChange(event.currentTarget.checked ? 1 : 0)}
          />
        </div>
        <NoticeText notice={notice} id={describedBy} />
      </div>
    );
  }
  return (
    <div className="param">
      <div className="param-head">
        <ParamLabel param={param} htmlFor={id} />
      </div>
      <Select
        id={id}
        size="xs"
        allowDeselect={false}
        aria-describedby={describedBy}
        data={param.options.map((option, index) => ({ value: `${index}`, label: option.label }))}
        value={`${value}`}
        onChange={(index) => index !== null && onChange(Number(index))}
      />
      <NoticeText notice={notice} id={describedBy} />
    </div>
  );
}

interface ListProps {
  owner: string;
  params: Params;
  values: Values;
  onChange: (key: string, value: number) => void;
  color?: string;
  /** Id of the arm whose settings these are. */
  arm?: string;
}

/** All settings of one owner, in the order of their declaration, with what is worth knowing about them. */
export function ParamList({ owner, params, values, onChange, color, arm }: ListProps) {
  const noticeAt = useNotices(arm);
  const isIdle = (param: Param) => whyIdle({ id: owner, params }, param, values) !== undefined;
  const drawn = findMethod(owner)?.drawing ?? [];
  const controls = Object.entries(params).map(([name, param]) => {
    const key = `${owner}.${name}`;
    const value = values[key] ?? param.default;
    // What has no say, and was not touched, would only be in the way.
    if (isIdle(param) && value === param.default) return null;
    if (drawn.includes(name) && !isIdle(param)) {
      if (name !== drawn[0]) return null;
      const curve = { owner, points: drawn, params, values, onChange };
      return <Drawing key={key} {...curve} />;
    }
    return (
      <ParamControl
        key={key}
        param={param}
        value={value}
        onChange={(next) => onChange(key, next)}
        color={color}
        notice={noticeAt(key)}
      />
    );
  });
  return (
    <>
      <NoticeText notice={noticeAt(owner)} />
      {controls}
    </>
  );
}
