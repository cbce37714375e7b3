/** All entries with a search, or one entry with the way to all. */
import { Button, Modal, TextInput } from '@mantine/core';
import { Suspense, useState } from 'react';
import { Formula } from '../controls/Formula.tsx';
import { type Entry, findEntry, search } from './entries.ts';
import { closeGlossary, openGlossary } from './state.ts';
import { Terms } from './Terms.tsx';
import './glossary.css';

export default function GlossaryWindow({ entry: id }: { entry?: string }) {
  const entry = id === undefined ? undefined : findEntry(id);
  return (
    <Modal
      opened
      // Above the small windows from which a term may have been opened.
      zIndex={400}
      onClose={closeGlossary}
      title={entry ? entry.term : 'Glossary'}
      size={entry ? 480 : 720}
      attributes={{ header: { role: 'presentation' } }}
      closeButtonProps={{ 'aria-label': 'Close the glossary' }}
      styles={{ title: { fontWeight: 650 } }}
    >
      {entry ? (
        <div className="glossary">
          <Explained entry={entry} isFirst />
          <Button
            size="xs"
            variant="default"
            style={{ justifySelf: 'start' }}
            onClick={() => openGlossary()}
          >
            All terms
          </Button>
        </div>
      ) : (
        <AllEntries />
      )}
    </Modal>
  );
}

function AllEntries() {
  const [query, setQuery] = useState('');
  const sections = search(query);
  const count = sections.reduce((sum, { entries }) => sum + entries.length, 0);
  return (
    <div className="glossary">
      <TextInput
        data-autofocus
        aria-label="Search the glossary"
        placeholder="Search, such as advantage, clip, pass@8"
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
      />
      <p className="visually-hidden" role="status">
        {query === '' ? '' : `${count} found`}
      </p>
      {count === 0 && <p className="quiet">No term holds these words.</p>}
      {sections.map(({ title, entries }) => (
        <section key={title} className="glossary-section" aria-label={title}>
          <h3 className="section-title">{title}</h3>
          {entries.map((entry) => (
            <article key={entry.id} className="glossary-entry">
              <h4>{entry.term}</h4>
              <Explained entry={entry} />
            </article>
          ))}
        </section>
      ))}
    </div>
  );
}

/** The first entry of a window links to others; in a list links would only be noise. */
function Explained({ entry, isFirst }: { entry: Entry; isFirst?: boolean }) {
  return (
    <>
      <p>{isFirst ? <Terms text={entry.text} except={entry.id} /> : entry.text}</p>
      {entry.formula && (
        <Suspense fallback={<div className="glossary-formula" />}>
          <div className="glossary-formula">
            <Formula tex={entry.formula} />
          </div>
        </Suspense>
      )}
      {entry.expect && (
        <p>
          <span className="quiet">What to expect: </span>
          {entry.expect}
        </p>
      )}
      {entry.source && <p className="quiet small">{entry.source}</p>}
    </>
  );
}
