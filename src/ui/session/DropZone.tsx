/** Files dropped anywhere on the page are opened. */
import { useEffect, useState } from 'react';
import { useLab, useSession } from '../context.ts';
import { openFiles } from '../files.ts';

export function DropZone() {
  const { store, library } = useLab();
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
      const files = [...(event.dataTransfer?.files ?? [])];
      void openFiles(store, files, (json) => library.importBundle(json));
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  }, [store, library, isLocked]);
  if (!isOver) return null;
  return (
    <div className="drop-zone">
      Drop an experiment, a bundle, or curves.csv with experiment.json
    </div>
  );
}
