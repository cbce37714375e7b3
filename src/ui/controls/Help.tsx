/** A small "?" that opens an explanation: by click, Enter or Space, closed by Escape. */
import { ActionIcon, Popover } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  /** What is explained, for the button's name. */
  of: string;
  children: ReactNode;
  width?: number;
}

export function Help({ of, children, width = 300 }: Props) {
  return (
    <Popover width={width} shadow="md" position="bottom" withArrow withinPortal trapFocus>
      <Popover.Target>
        <ActionIcon
          variant="subtle"
          size={20}
          radius="xl"
          aria-label={`About ${of}`}
          style={{ fontSize: 12, fontWeight: 600, color: 'var(--ink-2)' }}
        >
          ?
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown fz="sm">
        {/* Has the focus at first, for Escape and for Tab to the terms in it; a window around it takes no notice. */}
        <div className="help" data-autofocus data-mantine-stop-propagation="true" tabIndex={-1}>
          {children}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
