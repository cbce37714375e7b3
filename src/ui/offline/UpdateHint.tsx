/** Says that a newer version of the page has arrived. It lies above the page and moves nothing. */
import { Button } from '@mantine/core';
import { useState, useSyncExternalStore } from 'react';
import { useSession } from '../context.ts';
import { updates } from './updates.ts';
import './offline.css';

export function UpdateHint() {
  const isReady = useSyncExternalStore(updates.subscribe, updates.isReady);
  const isRunning = useSession((session) => session.state === 'running');
  const [isAway, setAway] = useState(false);
  if (!isReady || isAway) return null;
  return (
    <div className="update-hint card" role="status">
      <p>
        <b>A new version of this page is here.</b>{' '}
        {isRunning ? 'Reload when your runs are done.' : 'It is used after a reload.'}
      </p>
      <Button size="xs" onClick={updates.take}>
        Reload
      </Button>
      <Button size="xs" variant="subtle" onClick={() => setAway(true)}>
        Later
      </Button>
    </div>
  );
}
