/** Why paying for entropy at every token ends responses early, with what was measured of it just now. */
import { type Experiment, runsOf } from '../../core/experiment.ts';
import { useGrowingHistory } from '../context.ts';
import { LineSample } from '../controls/LineSample.tsx';
import { formatValue } from '../format.ts';
import { Terms } from '../glossary/Terms.tsx';

export function Why({ experiment }: { experiment: Experiment }) {
  const history = useGrowingHistory();
  const arms = experiment.arms.filter((arm) => arm.enabled);
  // The arms take turns: the last step that all of them have.
  const step = history.completeStep(runsOf(experiment));
  return (
    <>
      <p>
        <Terms text="Where the model is nearly certain, only its unlikely tokens can bring more entropy. Pay for entropy at every token, and unlikely tokens become likelier at every token." />
      </p>
      <p>
        The end token is one of them, and it needs to be drawn only once. Were it drawn at one
        position in ten, just a third of all responses would get past ten tokens (0.9¹⁰ = 0.35).
        They end before the answer stands: shorter, wrong, without reward.
      </p>
      <p>
        <Terms text="IB pays by advantage: for entropy in responses that beat their group, against it in those that fell behind. The two largely cancel, so the end token gets no steady pay." />
      </p>
      <table className="tour-ends number">
        <caption>Newest, mean over seeds</caption>
        <thead>
          <tr>
            <th scope="col">arm</th>
            <th scope="col">P(end)</th>
            <th scope="col">ended early</th>
          </tr>
        </thead>
        <tbody>
          {arms.map((arm) => (
            <tr key={arm.id}>
              <th scope="row">
                <LineSample color={arm.color} width={16} /> {arm.name}
              </th>
              <td>{formatValue(history.at(arm.id, 'p_eos', step)?.mean)}</td>
              <td>{formatValue(history.at(arm.id, 'premature_end', step)?.mean)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="quiet">
        P(end): its probability before the answer. “Ended early”: share of responses that ended
        without one.
      </p>
    </>
  );
}
