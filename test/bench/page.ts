// The bench inside a browser: `npm run bench -- --in chromium` calls these.
import { caseIds, type Options, runCase } from './run_case.ts';

Object.assign(globalThis, {
  benchCases: caseIds,
  benchCase: (id: string, options: Options) => runCase(navigator.gpu, id, options),
});
