/** Processor time of the device's work where a processor stands in for a GPU. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * ms of processor time of all threads of this process but JavaScript's, which polls while it waits; NaN where it cannot be
 * known (Linux tells). Ticks are hundredths of a second.
 */
export function deviceCpu(): number {
  const folder = '/proc/self/task';
  if (!existsSync(folder)) return Number.NaN;
  const others = readdirSync(folder).filter((id) => id !== String(process.pid));
  return others.reduce((sum, id) => {
    // utime and stime, counted after the name, which may hold spaces.
    const fields = readFileSync(`${folder}/${id}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return sum + 10 * (Number(fields[11]) + Number(fields[12]));
  }, 0);
}
