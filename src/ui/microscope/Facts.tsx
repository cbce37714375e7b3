/** The token's numbers, in places that do not move. */
import { formatValue } from '../format.ts';
import { type Given, textOf } from './given.ts';

type Fact = [name: string, symbol: string, value: number, unit: string];

export function Facts({ target, task, token, own, advantage, mixture }: Given) {
  const id = target.sample.tokens[target.position] as number;
  const first: Fact[] = mixture
    ? [
        ['entropy of the mixture', 'H(y)', entropyOf(mixture), 'nats'],
        ['mean log-probability of it', 'Σ y log p', token.logp, 'nats'],
      ]
    : [
        [`chance of “${textOf(task, id)}”`, 'p', Math.exp(token.logp), ''],
        ['log-probability', 'log p', token.logp, 'nats'],
      ];
  const facts: Fact[] = [
    ...first,
    ['entropy here', 'H', token.entropy, 'nats'],
    ['chance to end', 'P(end)', token.p_eos, ''],
    [advantage === own ? 'advantage' : 'what-if advantage', 'A', advantage, ''],
    ['now / when sampled', 'ρ', mixture ? Number.NaN : token.ratio, ''],
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

/** nats */
const entropyOf = (shares: ArrayLike<number>): number =>
  -Array.from(shares).reduce((sum, y) => sum + (y > 0 ? y * Math.log(y) : 0), 0);
