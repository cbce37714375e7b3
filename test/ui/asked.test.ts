/** The engine is told what is charted only where that costs something, once for each change. */
import { expect, test } from 'vitest';
import { tellAsked } from '../../src/ui/asked.ts';
import { DEFAULT_VIEW, place, setView, viewStore } from '../../src/ui/view.ts';
import type { Command } from '../../src/worker/protocol.ts';

test('tells what is charted, when it changes', () => {
  const sent: Command[] = [];
  const stop = tellAsked({ send: (command) => sent.push(command), onEvent() {}, close() {} });
  expect(sent).toEqual([]);
  setView(place(viewStore.getState(), 'grad_cosine', 'small'));
  setView(place(viewStore.getState(), 'reward', 'off'));
  setView(place(viewStore.getState(), 'acceptance', 'large'));
  setView(DEFAULT_VIEW);
  stop();
  setView(place(viewStore.getState(), 'acceptance', 'large'));
  setView(DEFAULT_VIEW);
  expect(sent).toEqual([
    { type: 'measure', metrics: ['grad_cosine'] },
    { type: 'measure', metrics: ['grad_cosine', 'acceptance'] },
    { type: 'measure', metrics: [] },
  ]);
});
