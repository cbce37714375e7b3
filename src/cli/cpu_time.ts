/** Processor time of this process, of all threads but JavaScript's: on a software adapter it is the device's work. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** ms; NaN where it cannot be known (Linux only). Ticks are hundredths of a second. */
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
