/** Phase 1: the group is written token by token, with each token's probability and entropy. */
import { useState } from 'react';
import { formatValue } from '../format.ts';
import { lengthInWords } from '../responses/mixture.ts';
import { Detail } from './Detail.tsx';
import { positionInWords, type SlowGiven } from './given.ts';
import { TokenLine } from './TokenLine.tsx';
import { useReveal } from './use_reveal.ts';

const FILL = { label: 'entropy', unit: 'nats', isSigned: false };

const percent = (logp: number): string =>
  logp < Math.log(0.01) ? '<1' : `${Math.round(100 * Math.exp(logp))}`;

export function Sample({ arm, task }: SlowGiven) {
  const [at, setAt] = useState<[place: number, position: number]>();
  const longest = Math.max(...arm.responses.map(({ tokens }) => tokens.length));
  const written = useReveal(arm, longest);
  const full = Math.log(task.vocabulary.length);
  const response = at && arm.responses[at[0]];
  return (
    <>
      <Detail hasTokens>
        {at && response && response.tokens[at[1]] !== undefined && (
          <>
            <code>{positionInWords(response, at[1], task)}</code> in response {at[0] + 1}:{' '}
            {response.mixtures?.[at[1]] ? (
              'no token is drawn, '
            ) : (
              <>
                probability <b>{formatValue(Math.exp(response.logp[at[1]]))}</b>,{' '}
              </>
            )}
            entropy <b>{formatValue(response.entropy[at[1]])}</b> of at most {formatValue(full)}{' '}
            nats
          </>
        )}
      </Detail>
      <ol className="slow-rows slow-wide">
        {arm.responses.map(({ tokens, mixtures, entropy, logp }, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a response is its place in the group
          <li key={place} className="slow-row">
            <span className="slow-place number">{place + 1}</span>
            <TokenLine
              name={`Response ${place + 1}, ${lengthInWords(tokens, mixtures)}`}
              task={task}
              tokens={tokens}
              mixtures={mixtures}
              fill={FILL}
              values={entropy}
              full={full}
              below={logp.map((x, t) => (mixtures?.[t] ? '' : percent(x)))}
              written={written}
              onPoint={(position) => setAt([place, position])}
            />
          </li>
        ))}
      </ol>
      {arm.responses.some(({ mixtures }) => mixtures) && (
        <p className="quiet slow-fine">
          At the dashed positions no token is drawn: the policy reads on from a mixture of tokens,
          whose pieces are as wide as their shares.
        </p>
      )}
    </>
  );
}
