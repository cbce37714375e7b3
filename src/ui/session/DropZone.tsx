/** Files dropped anywhere on the page are opened. */
import { useEffect, useState } from 'react';
import { useLab, useSession } from '../context.ts';
import { openFiles } from '../files.ts';

export function DropZone() {
  const { store } = useLab();
  const [isOver, setOver] = useState(false);
  const isLocked = useSession((session) => session.locks.has('files'));
  useEffect(() => {
    if (isLocked) return;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      void openFiles(store, [...(event.dataTransfer?.files ?? [])]);
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  }, [store, isLocked]);
  if (!isOver) return null;
  return <div className="drop-zone">Drop an experiment, or curves.csv with experiment.json</div>;
}
