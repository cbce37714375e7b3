/** Says which changes wait for a restart, and offers it. */
import { Button } from '@mantine/core';
import { useLab, useSession } from '../context.ts';
import { withoutWaiting } from '../store.ts';

export function ChangesBar({ reasons }: { reasons: readonly string[] }) {
  const { actions, store } = useLab();
  const opened = useSession((session) => session.opened);
  if (reasons.length === 0 || !opened) return null;
  const undo = () => store.setState({ draft: withoutWaiting(store.getState()) });
  return (
    <div className="transport-row" role="status">
      <span style={{ flex: 1, minWidth: 0 }}>
        Changed: <b>{reasons.join(', ')}</b>. Applies on restart; the curves begin anew.
      </span>
      <Button size="xs" variant="subtle" onClick={undo}>
        Undo
      </Button>
      <Button size="xs" onClick={() => actions.restart()}>
        Restart with the changes
      </Button>
    </div>
  );
}
