/** One training step in five phases, over the whole window: with the keyboard, by itself, or by pressing a phase. */
import './slow.css';
import './strip.css';
import './tokens.css';
import './verify.css';
import './advantage.css';
import './arms.css';
import { Button, Modal, NativeSelect } from '@mantine/core';
import { useWindowEvent } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useLab, useSession } from '../context.ts';
import { findTask } from '../declared.ts';
import { useGlossary } from '../glossary/state.ts';
import { useShownExperiment } from '../use_shown_experiment.ts';
import { useWindow } from '../use_window.ts';
import { Absent } from './Absent.tsx';
import { DetailPlace } from './Detail.tsx';
import { PhaseStrip } from './PhaseStrip.tsx';
import { PHASES } from './phases.ts';
import { Stage } from './Stage.tsx';

/** What uses these keys itself. */
const OWNERS = 'input, select, textarea, [role=toolbar], [role=slider]';

export default function SlowMotion() {
  const { slow, history } = useLab();
  useWindow(slow.close);
  const { phase, isPlaying, isWaiting, step, message, seed: chosen } = useStore(slow.store);
  const { isOpen: isGlossaryOpen } = useGlossary();
  const experiment = useShownExperiment();
  const task = findTask(experiment.task);
  const state = useSession((session) => session.state);
  const isRecording = useSession((session) => session.recording !== undefined);
  const { seeds } = experiment;
  const seed = chosen !== undefined && seeds.includes(chosen) ? chosen : seeds[0];
  const shown = isRecording || isWaiting || message ? undefined : step;
  const canTake = !isRecording && ['ready', 'paused', 'running'].includes(state);

  // Opened to see a step: where there is none, or an old one, it is taken.
  const [isOld] = useState(() => step !== undefined && step.step < history.lastStep());
  const isDue = canTake && !message && (!step || isOld);
  const wasAsked = useRef(false);
  useEffect(() => {
    if (!isDue || isWaiting || (step && wasAsked.current)) return;
    wasAsked.current = true;
    slow.take(seed);
  }, [isDue, isWaiting, step, slow, seed]);

  useEffect(() => {
    if (!isPlaying) return;
    const timer = setTimeout(() => slow.go(phase + 1), PHASES[phase].dwell);
    return () => clearTimeout(timer);
  }, [isPlaying, phase, slow]);

  const [place, setPlace] = useState<HTMLElement | null>(null);
  const toggle = isPlaying ? slow.pause : slow.play;
  useWindowEvent('keydown', (event) => {
    const target = event.target as HTMLElement;
    if (!shown || isGlossaryOpen || target.closest(OWNERS)) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const keys: Record<string, () => void> = {
      ArrowLeft: () => slow.go(phase - 1),
      ArrowRight: () => slow.go(phase + 1),
      Home: () => slow.go(0),
      End: () => slow.go(PHASES.length - 1),
    };
    // A focused button has Space first.
    if (!target.closest('button')) keys[' '] = toggle;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  return (
    <Modal
      opened
      fullScreen
      onClose={slow.close}
      title={shown ? `Slow motion: step ${shown.step}, seed ${shown.seed}` : 'Slow motion'}
      transitionProps={{ transition: 'fade', duration: 120 }}
      attributes={{ header: { role: 'presentation' } }}
      closeButtonProps={{ 'aria-label': 'Leave the slow motion' }}
      classNames={{ content: 'slow-window', header: 'slow-header', body: 'slow-body' }}
    >
      <DetailPlace value={place}>
        <div className="slow">
          <PhaseStrip isIdle={!shown} />
          {shown && task ? (
            <Stage key={phase} step={shown} task={task} experiment={experiment} />
          ) : (
            <Absent />
          )}
          <div className="slow-foot">
            <Foot isOff={!shown || phase === 0} onPress={() => slow.go(phase - 1)}>
              Back
            </Foot>
            <Foot isMain isOff={!shown} onPress={toggle}>
              {isPlaying ? 'Pause' : 'Play'}
            </Foot>
            <Foot isOff={!shown || phase === PHASES.length - 1} onPress={() => slow.go(phase + 1)}>
              Next
            </Foot>
            <p ref={setPlace} className="slow-detail number" aria-live="polite" />
            {seeds.length > 1 && (
              <NativeSelect
                size="xs"
                aria-label="Seed of the next step"
                disabled={!shown || !canTake}
                data={seeds.map((one) => ({ value: `${one}`, label: `seed ${one}` }))}
                value={`${seed}`}
                onChange={(event) => slow.chooseSeed(Number(event.currentTarget.value))}
              />
            )}
            <Foot isOff={!shown || !canTake} onPress={() => slow.take(seed)}>
              Another step
            </Foot>
          </div>
        </div>
      </DetailPlace>
    </Modal>
  );
}

interface FootProps {
  isMain?: boolean;
  isOff: boolean;
  onPress(): void;
  children: string;
}

/** Off, it keeps the focus: what has none would let the page behind hear the keys. */
function Foot({ isMain = false, isOff, onPress, children }: FootProps) {
  return (
    <Button
      variant={isMain ? 'filled' : 'default'}
      className={isMain ? 'slow-play' : undefined}
      aria-keyshortcuts={isMain ? 'Space' : undefined}
      data-autofocus={isMain || undefined}
      aria-disabled={isOff}
      data-disabled={isOff || undefined}
      onClick={isOff ? undefined : onPress}
    >
      {children}
    </Button>
  );
}
