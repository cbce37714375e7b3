/** Which family of matrix and attention kernels this adapter runs, and why that one. */
import { Button } from '@mantine/core';
import {
  type TileChoice as Choice,
  LEAST_GAIN,
  TILE_IDS,
  TILE_WORDS,
} from '../../core/tile_choice.ts';
import { useLab, useSession } from '../context.ts';
import { formatAgo, tileWords } from '../format.ts';

export function TileChoice() {
  const { actions } = useLab();
  const choice = useSession((session) => session.tiles);
  const opened = useSession((session) => session.tile);
  const sampling = useSession((session) => session.sampling);
  const state = useSession((session) => session.state);
  if (!choice) return null;
  const isBusy = state === 'running' || state === 'preparing';
  const canMeasure = choice.how === 'measured' || choice.how === 'usual';
  return (
    <section className="trust-choice" aria-label="Chosen kernels">
      <h3>Kernels chosen on this adapter</h3>
      <p className="small">
        <b>{capital(tileWords(choice.tile))}</b> for matrices and attention, called{' '}
        <code>{choice.tile}</code>: {TILE_WORDS[choice.tile].means}.{' '}
        <span className="quiet number">{reasonOf(choice)}</span>
        {opened && opened !== choice.tile && (
          <span>
            {' '}
            The open experiment keeps the other family until it is opened anew: what has begun stays
            as it is, bit for bit.
          </span>
        )}
      </p>
      {sampling && (
        <p className="small">
          The open experiment samples{' '}
          {sampling === 'mega' ? (
            <>
              <b>many tokens in one launch</b> of the GPU, called <code>mega</code>.
            </>
          ) : (
            <>
              <b>kernel by kernel</b>, called <code>loop</code>.
            </>
          )}
        </p>
      )}
      {canMeasure && (
        <Button
          size="compact-xs"
          variant="default"
          disabled={isBusy}
          title={isBusy ? 'Pause training first' : undefined}
          onClick={actions.measureTiles}
        >
          {choice.how === 'measured' ? 'Measure again' : 'Measure now'}
        </Button>
      )}
    </section>
  );
}

/** @param now milliseconds since 1970 */
export function reasonOf(choice: Choice, now = Date.now()): string {
  const { tile, usual, how, times, measured, note } = choice;
  if (how === 'forced') return 'Forced by the address.';
  if (how === 'only') return `This adapter can do no other${note ? `: ${note}` : ''}.`;
  if (how === 'usual' || !times || measured === undefined) {
    return note
      ? `Usual for such an adapter; not measured: ${note}.`
      : 'Usual for such an adapter; measured when there is nothing else to do.';
  }
  const own = times[tile] ?? Number.NaN;
  const others = TILE_IDS.filter((id) => id !== tile && times[id] !== undefined);
  const besides = note ? `; ${note}` : '';
  const when = `measured ${formatAgo(now - measured)}`;
  if (others.length === 0) return `No other here does the same work${besides}; ${when}.`;
  const isNoise =
    tile === usual && others.some((id) => (times[id] as number) < own / (1 - LEAST_GAIN));
  const against = others.map((id) => ms(times[id] as number)).join(' and ');
  const why = isNoise ? `; less than ${100 * LEAST_GAIN} % apart, so the usual one` : '';
  return `Chosen: ${ms(own)} against ${against} for the same work${why}${besides}; ${when}.`;
}

const capital = (text: string): string => text[0].toUpperCase() + text.slice(1);
const ms = (x: number): string => `${x.toPrecision(2)} ms`;
