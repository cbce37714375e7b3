/** The token's numbers, in places that do not move. */
import { formatValue } from '../format.ts';
import { type Given, textOf } from './given.ts';

export function Facts({ target, task, token, own, advantage }: Given) {
  const id = target.sample.tokens[target.position] as number;
  const facts: [name: string, symbol: string, value: number, unit: string][] = [
    [`chance of “${textOf(task, id)}”`, 'p', Math.exp(token.logp), ''],
    ['log-probability', 'log p', token.logp, 'nats'],
    ['entropy here', 'H', token.entropy, 'nats'],
    ['chance to end', 'P(EOS)', token.p_eos, ''],
    [advantage === own ? 'advantage' : 'what-if advantage', 'A', advantage, ''],
    ['now / when sampled', 'ρ', token.ratio, ''],
  ];
  return (
    <dl className="scope-facts number">
      {facts.map(([name, symbol, value, unit]) => (
        <div key={symbol}>
          <dt>
            {name} <i>{symbol}</i>
          </dt>
          <dd>
            {formatValue(value)} {unit && <small className="quiet">{unit}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
