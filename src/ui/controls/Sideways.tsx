/** Holds what may be wider than its place. While it is, the arrow keys can reach the rest. */
import { type CSSProperties, type ReactNode, useEffect, useRef, useState } from 'react';

interface Props {
  /** What is inside, for a screen reader that stops here. */
  label: string;
  style?: CSSProperties;
  children: ReactNode;
}

export function Sideways({ label, style, children }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const [isWider, setWider] = useState(false);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const watch = new ResizeObserver(() => setWider(element.scrollWidth > element.clientWidth));
    watch.observe(element);
    for (const child of element.children) watch.observe(child);
    return () => watch.disconnect();
  }, []);
  const stop = isWider ? { tabIndex: 0, role: 'group', 'aria-label': label } : {};
  return (
    <div ref={frame} className="sideways" style={style} {...stop}>
      {children}
    </div>
  );
}
