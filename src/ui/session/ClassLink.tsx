/** A link for a class: the settings on the controls, and which groups of controls students see. */
import { Button, Checkbox, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useLab } from '../context.ts';
import { LOCK_IDS, LOCKS, type Lock, linkOf } from '../locks.ts';
import './class_link.css';

/** What a class seldom needs on a first day. */
const AT_FIRST: readonly Lock[] = ['methods', 'setup', 'training', 'files'];

export default function ClassLink({ onClose }: { onClose: () => void }) {
  const { store } = useLab();
  const [locks, setLocks] = useState<readonly Lock[]>(AT_FIRST);
  const [isCopied, setCopied] = useState(false);
  const { href } = linkOf(store.getState(), location.href, locks);
  async function copy() {
    try {
      await navigator.clipboard.writeText(href);
      setCopied(true);
      store.setState({ announcement: 'The link for the class is copied.' });
    } catch {
      document.querySelector<HTMLInputElement>('.class-link input[readonly]')?.select();
    }
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title="Link for a class"
      centered
      size={520}
      attributes={{ header: { role: 'presentation' } }}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className="class-link">
        <p>
          The link opens the page with the settings as they are on your controls now. Students see
          what is ticked; the rest is hidden, and a note says so.
        </p>
        <Checkbox.Group
          label="Students see"
          value={LOCK_IDS.filter((id) => !locks.includes(id))}
          onChange={(shown) => {
            setLocks(LOCK_IDS.filter((id) => !shown.includes(id)));
            setCopied(false);
          }}
        >
          <div className="class-link-list">
            {LOCK_IDS.map((id) => (
              <Checkbox key={id} value={id} label={LOCKS[id]} size="sm" />
            ))}
          </div>
        </Checkbox.Group>
        <TextInput
          label="Address"
          readOnly
          value={href}
          onFocus={(event) => event.currentTarget.select()}
        />
        <div className="class-link-foot">
          <p className="quiet small">
            Start, pause, step and reset always stay. This is no protection: an address can be
            edited.
          </p>
          <Button w={110} onClick={copy}>
            {isCopied ? 'Copied' : 'Copy link'}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
