/** Keys of the page, and the window that lists them. */
import { Kbd, Modal } from '@mantine/core';
import { useHotkeys } from 'react-hotkeys-hook';
import { useIsLocked, useLab } from '../context.ts';
import { isInDialog, useWindow } from '../use_window.ts';

const KEYS = [
  ['Space', 'start or pause'],
  ['s', 'one step of every run'],
  ['r', 'reset to the base'],
  ['m', 'slow motion: a step in five phases; ← → between them, Space plays'],
  ['p', 'projector mode, and back'],
  ['g', 'glossary'],
  ['k', 'kept runs, and back'],
  ['c', 'cards of the methods'],
  ['t', 'the tokens of the responses'],
  ['Enter', 'on a token of a response: the microscope; ← → walk along'],
  ['?', 'this list'],
  ['← →', 'move the crosshair of a focused chart'],
  ['+ −', 'zoom a focused chart; 0 shows all of it'],
  ['Shift ← →', 'move the part in view'],
  ['Esc', 'close, or give back the value in a field'],
] as const;

interface Props {
  isOpen: boolean;
  setOpen: (isOpen: boolean) => void;
  /** Opens or closes the kept runs. */
  onRuns: () => void;
  areRunsOpen: boolean;
}

/** A focused control has the key first: Space on a button presses the button. */
function belongsToControl(event: KeyboardEvent): boolean {
  const control = 'button, a, input, select, textarea, [role=slider], [role=option], [role=dialog]';
  return event.target instanceof Element && event.target.closest(control) !== null;
}

/** Past all settings and charts, which lie before the responses in the order of Tab. */
function focusTokens(): void {
  document.querySelector<HTMLElement>('button.token[tabindex="0"]')?.focus();
}

export function Shortcuts({ isOpen, setOpen, onRuns, areRunsOpen }: Props) {
  const { actions } = useLab();
  const areRunsLocked = useIsLocked('runs');
  const isSlowLocked = useIsLocked('slow');
  const areResponsesLocked = useIsLocked('responses');
  const locked = new Set<string>([
    areRunsLocked ? 'k' : '',
    isSlowLocked ? 'm' : '',
    areResponsesLocked ? 't' : '',
  ]);
  useHotkeys('space', actions.toggle, {
    ignoreEventWhen: belongsToControl,
    preventDefault: true,
  });
  // In a window over the page, one would not see what they did.
  const isOverlaid = { ignoreEventWhen: isInDialog };
  useHotkeys('s', actions.step, isOverlaid);
  useHotkeys('r', actions.reset, isOverlaid);
  useHotkeys('t', focusTokens, isOverlaid);
  useHotkeys('k', onRuns, {
    enabled: !areRunsLocked,
    // Behind another window they would not be seen.
    ignoreEventWhen: (event) => isInDialog(event) && !areRunsOpen,
  });
  useHotkeys('?', () => setOpen(!isOpen), {
    useKey: true,
    ignoreEventWhen: (event) => isInDialog(event) && !isOpen,
  });
  useWindow(() => setOpen(false), isOpen);
  return (
    <Modal
      opened={isOpen}
      onClose={() => setOpen(false)}
      title="Keys"
      size="sm"
      centered
      attributes={{ header: { role: 'presentation' } }}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <table className="keys-table">
        <tbody>
          {KEYS.filter(([key]) => !locked.has(key)).map(([key, what]) => (
            <tr key={key}>
              <th scope="row">
                <Kbd>{key}</Kbd>
              </th>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}
