/** Three dots that open the menu of one chart. */
import { ActionIcon } from '@mantine/core';
import type { ComponentProps } from 'react';

export function MenuButton({ of, ...rest }: { of: string } & ComponentProps<'button'>) {
  return (
    <ActionIcon
      {...(rest as object)}
      variant="subtle"
      size={20}
      radius="xl"
      aria-label={`Options of ${of}`}
      style={{ color: 'var(--ink-2)' }}
    >
      <svg width="14" height="4" viewBox="0 0 14 4" fill="currentColor" aria-hidden="true">
        <circle cx="2" cy="2" r="1.5" />
        <circle cx="7" cy="2" r="1.5" />
        <circle cx="12" cy="2" r="1.5" />
      </svg>
    </ActionIcon>
  );
}
