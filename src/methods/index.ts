/** Every method of this folder, by id, in alphabetic order. A new file is found; nothing to register. */
import { registry } from '../core/registry.ts';
import type { Method } from './method.ts';

export const METHODS: ReadonlyMap<string, Method> = registry(
  'method',
  import.meta.glob<Method>(['./*.ts', '!./index.ts', '!./method.ts', '!./compose*.ts'], {
    eager: true,
    import: 'default',
  }),
);
