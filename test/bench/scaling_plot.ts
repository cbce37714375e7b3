/** The bench's scaling as a picture: a panel for each size, both axes logarithmic, lines of slope 1 and 2 to compare with. */
import { AXES, fitsOf, type Point, type Scaling } from './scaling.ts';

const [WIDTH, HEIGHT, GAP, LEFT, TOP] = [210, 200, 34, 46, 34];
const NAMES: Record<Point['axis'], string> = {
  sequences: 'batch: sequences',
  tokens: 'length: tokens a response',
  channels: 'width: channels',
  layers: 'depth: layers',
};

const STYLE = `
  text { font: 11px system-ui, sans-serif; fill: #16202a }
  .quiet { fill: #52606d } .frame, .tick { stroke: #b9c2cb; fill: none } .guide { stroke: #b9c2cb; stroke-dasharray: 3 3 }
  .all { stroke: #0a5ea8; fill: none; stroke-width: 2 } .all-dot { fill: #0a5ea8 }
  .attention { stroke: #b3340b; fill: none; stroke-width: 2; stroke-dasharray: 6 3 } .attention-dot { fill: #b3340b }
  .back { fill: #fff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e7ecf0 } .quiet { fill: #9dabb8 } .frame, .tick, .guide { stroke: #39434e } .back { fill: #171c22 }
    .all { stroke: #8fc1ff } .all-dot { fill: #8fc1ff } .attention { stroke: #ff9a70 } .attention-dot { fill: #ff9a70 }
  }`;

export function scalingPlot({ adapter, clock, points }: Scaling): string {
  const fits = fitsOf(points);
  const times = points.flatMap(({ ms, attention }) => [ms, ms * attention]).filter((y) => y > 0);
  const [low, high] = [Math.min(...times) / 1.3, Math.max(...times) * 1.3];
  const y = (ms: number): number =>
    TOP + HEIGHT - (HEIGHT * Math.log(ms / low)) / Math.log(high / low);
  const panels = AXES.map(({ axis, values }, i) => {
    const left = LEFT + i * (WIDTH + GAP);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const x = (value: number): number =>
      left + 12 + ((WIDTH - 24) * Math.log(value / least)) / Math.log(most / least);
    const own = points.filter((point) => point.axis === axis);
    const fit = fits.find((f) => f.axis === axis);
    const curve = (of: (p: Point) => number, name: string): string => {
      const at = own.filter((p) => of(p) > 0).map((p) => [x(p.value), y(of(p))] as const);
      const path = at.map(([px, py], k) => `${k ? 'L' : 'M'}${px.toFixed(1)} ${py.toFixed(1)}`);
      const dots = at.map(
        ([px, py]) =>
          `<circle class="${name}-dot" cx="${px.toFixed(1)}" cy="${py.toFixed(1)}" r="3"/>`,
      );
      return `<path class="${name}" d="${path.join(' ')}"/>${dots.join('')}`;
    };
    // From the first point of the whole step, as steep as linear and as quadratic growth.
    const first = own[0];
    const guide = (power: number): string => {
      if (!first) return '';
      const end = Math.min(most, least * (high / first.ms) ** (1 / power));
      const to = first.ms * (end / least) ** power;
      return `<path class="guide" d="M${x(least)} ${y(first.ms)} L${x(end).toFixed(1)} ${y(to).toFixed(1)}"/>`;
    };
    const ticks = values.map(
      (value) =>
        `<text class="quiet" text-anchor="middle" x="${x(value).toFixed(1)}" y="${TOP + HEIGHT + 15}">${value}</text>`,
    );
    return `<g>
<rect class="frame" x="${left}" y="${TOP}" width="${WIDTH}" height="${HEIGHT}"/>
<text x="${left}" y="${TOP - 10}">${NAMES[axis]}</text>
${guide(1)}${guide(2)}
${curve((p) => p.ms, 'all')}${curve((p) => p.ms * p.attention, 'attention')}
${ticks.join('')}
<text x="${left + WIDTH - 8}" y="${TOP + HEIGHT - 22}" text-anchor="end">step ∝ size^${fit?.exponent.toFixed(2)}</text>
<text x="${left + WIDTH - 8}" y="${TOP + HEIGHT - 8}" text-anchor="end">attention ∝ size^${fit?.attention.toFixed(2)}</text>
</g>`;
  });
  const decades = Array.from({ length: 9 }, (_, k) => 10 ** (k - 3)).filter(
    (ms) => ms >= low && ms <= high,
  );
  const marks = decades.map(
    (ms) =>
      `<text class="quiet" text-anchor="end" x="${LEFT - 6}" y="${(y(ms) + 4).toFixed(1)}">${ms}</text><path class="tick" d="M${LEFT - 3} ${y(ms).toFixed(1)} h3"/>`,
  );
  const width = LEFT + AXES.length * (WIDTH + GAP);
  const height = TOP + HEIGHT + 44;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Time of a training step against batch, length, width and depth">
<style>${STYLE}</style>
<rect class="back" width="${width}" height="${height}"/>
<text x="4" y="${TOP - 10}" class="quiet">ms</text>
${marks.join('\n')}
${panels.join('\n')}
<text x="${LEFT}" y="${height - 8}">— training step, ${clock} time &#160; - - attention kernels in it &#160; dotted: linear and quadratic</text>
<text x="${width - GAP}" y="${height - 8}" text-anchor="end" class="quiet">${escaped(adapter)}</text>
</svg>
`;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
