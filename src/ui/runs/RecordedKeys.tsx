/** Which thin lines on the charts belong to which kept run; a press takes them off. */
import { LineSample } from '../controls/LineSample.tsx';
import { recordedArms, useOverlays } from './overlays.ts';

export function RecordedKeys() {
  const { overlays, remove } = useOverlays();
  return overlays.map((overlay) => (
    <div key={overlay.id} className="keys recorded-keys">
      <span className="recorded-mark">recorded</span>
      <b>{overlay.name}</b>
      {recordedArms(overlay).map(({ id, color }, index) => (
        <span key={id} className="recorded-arm">
          <LineSample color={color} width={22} />
          {overlay.experiment.arms.filter((arm) => arm.enabled)[index]?.name}
        </span>
      ))}
      <span className="quiet small">thin lines, not measured now</span>
      <button
        type="button"
        className="recorded-remove"
        aria-label={`Take ${overlay.name} off the charts`}
        onClick={() => remove(overlay.id)}
      >
        ×
      </button>
    </div>
  ));
}
