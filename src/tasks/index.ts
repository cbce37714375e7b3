/** Every task of this folder, by id, in alphabetic order. A new file is found; nothing to register. */
import { registry } from '../core/registry.ts';
import type { Task } from './task.ts';

export const TASKS: ReadonlyMap<string, Task> = registry(
  'task',
  import.meta.glob<Task>(['./*.ts', '!./index.ts', '!./task.ts', '!./verdict.ts'], {
    eager: true,
    import: 'default',
  }),
);
