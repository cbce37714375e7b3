/**
 * `npm run bench [-- --in chromium|node] [--case ID] [--json FILE] [--peer jax-js|tfjs|none] [--rounds 7] [--seconds 30]
 * [--profile] [--scaling] [--tile alone|quad|staged]`:
 * our engine against jax-js, or its training step against TensorFlow.js (in a browser only), on the same model, weights
 * and batch, a JSON line a case with adapter and commit. No time is printed before both have computed the same. `--case`
 * takes the beginning of an id, several with commas; cases that take minutes on a software adapter run only when asked for
 * by name. `--profile`: a step's time, kernel by kernel, as a table and as a line. `--scaling`: its time against batch,
 * length, width and depth, in numbers and in scaling.svg.
 * `--tile`: how kernels load, instead of what the engine would choose for the adapter.
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openDawn } from '../../src/cli/dawn.ts';
import { root } from '../../src/cli/install.mjs';
import { commitOf, oneOf, wholeNumber } from '../../src/cli/options.ts';
import { TILES, type TileId } from '../../src/model/tiles.ts';
import { profile, profileText } from './profile.ts';
import { caseIds, type Line, type Options, runCase } from './run_case.ts';
import { scaling, scalingText } from './scaling.ts';
import { scalingPlot } from './scaling_plot.ts';

/** Written as many modules with parts in CommonJS, and one state that all must share. */
const TFJS = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-core/dist/register_all_gradients.js',
  '@tensorflow/tfjs-backend-webgpu',
];

interface Bench {
  run(id: string, options: Options): Promise<Line>;
  close(): Promise<void>;
}

/** Each case has a process or a page of its own time, one after the other. */
async function inNode(): Promise<Bench> {
  const gpu = await openDawn();
  // jax-js looks for the browser's object.
  const value = { gpu, userAgent: 'node' };
  Object.defineProperty(globalThis, 'navigator', { value, configurable: true });
  return { run: (id, options) => runCase(gpu, id, options), close: async () => {} };
}

async function inChromium(): Promise<Bench> {
  const [{ createServer }, { openBrowser }] = [
    await import('vite'),
    await import('../e2e/browser.ts'),
  ];
  const server = await createServer({
    root,
    configFile: false,
    logLevel: 'error',
    cacheDir: 'node_modules/.cache/entroscope/vite-bench',
    server: { port: 0, host: 'localhost', hmr: false, watch: null },
    optimizeDeps: { noDiscovery: true, include: TFJS },
  });
  await server.listen();
  const browser = await openBrowser();
  const address = new URL('test/bench/page.html', server.resolvedUrls?.local[0]).href;
  return {
    // A page of its own for each case: nothing of the last one is in memory.
    async run(id, options) {
      const page = await browser.newPage();
      page.on('pageerror', (error) => console.error(error));
      await page.goto(address);
      await page.waitForFunction('globalThis.benchCase !== undefined');
      page.setDefaultTimeout(0);
      const line = await page.evaluate(
        ([id, options]) =>
          (
            globalThis as unknown as { benchCase(id: string, options: Options): Promise<Line> }
          ).benchCase(id, options),
        [id, options] as const,
      );
      await page.close();
      return line;
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

export async function main(args: string[]): Promise<number> {
  const { values: given } = parseArgs({
    args,
    options: {
      in: { type: 'string', default: 'node' },
      case: { type: 'string' },
      json: { type: 'string' },
      peer: { type: 'string', default: 'jax-js' },
      rounds: { type: 'string', default: '7' },
      seconds: { type: 'string', default: '30' },
      profile: { type: 'boolean', default: false },
      scaling: { type: 'boolean', default: false },
      model: { type: 'string', default: 'nano' },
      tile: { type: 'string' },
    },
  });
  const backend = oneOf('in', given.in, ['node', 'chromium'] as const);
  const wanted = given.case?.split(',');
  const ids = wanted
    ? caseIds(true).filter((id) =>
        wanted.some((w) => id === w || (id.startsWith(w) && caseIds(false).includes(id))),
      )
    : caseIds(false);
  if (ids.length === 0) {
    throw new RangeError(
      `--case: must begin one of ${caseIds(true).join(', ')}, got ${given.case}`,
    );
  }
  const commit = commitOf();
  if (given.json) writeFileSync(given.json, '');
  const tell = (line: object): void => {
    const text = JSON.stringify({ ...line, backend, commit });
    console.log(text);
    if (given.json) appendFileSync(given.json, `${text}\n`);
  };
  const tile = given.tile && oneOf('tile', given.tile, Object.keys(TILES) as TileId[]);
  if (given.profile) {
    const report = await profile(await openDawn(), given.model, tile || undefined);
    console.log(`${profileText(report)}\n`);
    tell(report);
    return 0;
  }
  if (given.scaling) {
    const result = await scaling(await openDawn(), tell);
    writeFileSync(path.join(root, 'test/bench/scaling.svg'), scalingPlot(result));
    console.log(`\n${result.adapter}, ${result.clock} time\n\n${scalingText(result)}`);
    return 0;
  }
  const peer = oneOf('peer', given.peer, ['jax-js', 'tfjs', 'none'] as const);
  if (peer === 'tfjs' && backend === 'node') {
    throw new RangeError('--peer: tfjs needs a browser, got node; add --in chromium');
  }
  const options: Options = {
    ...(peer !== 'none' && { peer }),
    rounds: wholeNumber('rounds', given.rounds, 1),
    seconds: wholeNumber('seconds', given.seconds, 1),
    ...(tile && { tile }),
  };
  const bench = backend === 'node' ? await inNode() : await inChromium();
  let failed = 0;
  for (const id of ids) {
    try {
      tell(await bench.run(id, options));
    } catch (error) {
      failed += 1;
      tell({ case: id, error: error instanceof Error ? error.message : String(error) });
    }
  }
  await bench.close();
  return failed > 0 ? 1 : 0;
}
