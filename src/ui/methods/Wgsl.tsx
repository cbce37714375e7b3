/** What a method adds to the loss kernel of a run: its own function, and the text that is composed for an arm. */
import { composeMethods } from '../../methods/compose.ts';
import { isTerm, type Method } from '../../methods/method.ts';
import type { Side } from './difference.ts';

export function Wgsl({ method, side }: { method: Method; side?: Side }) {
  const composed = side && composeMethods(side.methods);
  const text = composed?.wgsl ?? (isTerm(method) ? method.wgsl.trim() : undefined);
  const where = side
    ? `For ${side.arm.name}: what the kernel of its loss calls for every token.`
    : 'Its function; no arm has it, so no kernel calls it.';
  return (
    <section aria-label="WGSL of this run">
      <h3>WGSL of this run</h3>
      {!isTerm(method) && (
        <p className="small">
          It acts before the kernel, in TypeScript: the kernel sees only what it made of rewards,
          advantages or weights.
        </p>
      )}
      {text && (
        <details className="method-wgsl">
          <summary>
            {where} {text.split('\n').length} lines.
          </summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
          <pre tabIndex={0}>{text}</pre>
        </details>
      )}
    </section>
  );
}
