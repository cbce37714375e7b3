/** Running text in which the first mention of each term opens its entry. */
import { mentions } from './entries.ts';
import { openGlossary } from './state.ts';
import './glossary.css';

interface Props {
  text: string;
  /** An entry that is not linked: the one whose text this is. */
  except?: string;
}

export function Terms({ text, except }: Props) {
  return mentions(text).map(({ text: part, entry }, index) =>
    entry && entry !== except ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other name
      <Term key={index} entry={entry}>
        {part}
      </Term>
    ) : (
      part
    ),
  );
}

export function Term({ entry, children }: { entry: string; children: string }) {
  return (
    <button type="button" className="term" onClick={() => openGlossary(entry)}>
      {children}
    </button>
  );
}
