/** The one control of every declared setting: slider and field, select or switch, with its help. */
import { Select, Switch } from '@mantine/core';
import { useId } from 'react';
import type { Param, Params, Values } from '../../core/param.ts';
import { NumberControl } from './NumberControl.tsx';
import { ParamLabel } from './ParamLabel.tsx';

interface Props {
  param: Param;
  value: number;
  onChange: (value: number) => void;
  /** Of the slider; an arm's settings have the arm's. */
  color?: string;
}

export function ParamControl({ param, value, onChange, color }: Props) {
  const id = useId();
  if (param.kind === 'number') {
    return <NumberControl param={param} value={value} onChange={onChange} color={color} />;
  }
  if (param.kind === 'switch') {
    return (
      <div className="param-head">
        <ParamLabel param={param} htmlFor={id} />
        <Switch
          id={id}
          size="xs"
          checked={value === 1}
          onChange={(event) => onChange(event.currentTarget.checked ? 1 : 0)}
        />
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
        data={param.options.map((option, index) => ({ value: `${index}`, label: option.label }))}
        value={`${value}`}
        onChange={(index) => index !== null && onChange(Number(index))}
      />
    </div>
  );
}

interface ListProps {
  owner: string;
  params: Params;
  values: Values;
  onChange: (key: string, value: number) => void;
  color?: string;
}

/** All settings of one owner, in the order of their declaration. */
export function ParamList({ owner, params, values, onChange, color }: ListProps) {
  return Object.entries(params).map(([name, param]) => {
    const key = `${owner}.${name}`;
    return (
      <ParamControl
        key={key}
        param={param}
        value={values[key] ?? param.default}
        onChange={(value) => onChange(key, value)}
        color={color}
      />
    );
  });
}
