/** Which steps of a run to keep where not all can be: spread over it. */

/** Of ascending steps, those to give up so that `most` are left: where two are close, the later one goes. */
export function superfluous(steps: readonly number[], most: number): number[] {
  const kept = [...steps];
  const gone: number[] = [];
  while (kept.length > Math.max(1, most)) {
    let closest = 1;
    for (let i = 2; i < kept.length; i++) {
      if (kept[i]! - kept[i - 1]! < kept[closest]! - kept[closest - 1]!) closest = i;
    }
    gone.push(...kept.splice(closest, 1));
  }
  return gone;
}

/** The same, but the newest always stays. */
export function superfluousBeforeNewest(steps: readonly number[], most: number): number[] {
  return superfluous(steps.slice(0, -1), most - 1);
}
