/** Medians of works that take turns, and the GPU calls of one run. Knows neither Node nor the page. */

export type Work = () => Promise<unknown>;

export interface Timing {
  ms: number;
  least: number;
  most: number;
}

/**
 * The works take turns, so that whatever else the machine does meets all of them alike.
 * @param seconds stops early after this many, with at least 3 rounds
 */
export async function takeTurns(
  works: readonly Work[],
  rounds: number,
  seconds: number,
  now: () => number = () => performance.now(),
): Promise<Timing[]> {
  const times: number[][] = works.map(() => []);
  const begin = now();
  for (let round = 0; round < rounds; round++) {
    for (const [i, work] of works.entries()) {
      const from = now();
      await work();
      (times[i] as number[]).push(now() - from);
    }
    if (round >= 2 && now() - begin > 1000 * seconds) break;
  }
  return times.map((list) => {
    list.sort((a, b) => a - b);
    return {
      ms: list[Math.floor(list.length / 2)] as number,
      least: list[0] as number,
      most: list[list.length - 1] as number,
    };
  });
}

export interface Calls {
  dispatches: number;
  submits: number;
  /** Buffers, bind groups, pipelines and modules created. */
  created: number;
}

type Call = (...args: unknown[]) => unknown;

const CREATORS = [
  'createBuffer',
  'createBindGroup',
  'createBindGroupLayout',
  'createPipelineLayout',
  'createShaderModule',
  'createComputePipeline',
  'createComputePipelineAsync',
];

/** Counts what one run of `work` asks of the device. */
export async function countCalls(device: GPUDevice, work: Work): Promise<Calls> {
  const calls: Calls = { dispatches: 0, submits: 0, created: 0 };
  const undo: (() => void)[] = [];
  const wrap = (target: object, name: string, wrapper: (original: Call) => Call): void => {
    const original = Reflect.get(target, name) as Call;
    Reflect.set(target, name, wrapper(original.bind(target)));
    // Back to the method of the prototype.
    undo.push(() => Reflect.deleteProperty(target, name));
  };
  const counting =
    (field: keyof Calls) =>
    (original: Call) =>
    (...args: unknown[]) => {
      calls[field]++;
      return original(...args);
    };
  for (const name of CREATORS) wrap(device, name, counting('created'));
  wrap(device.queue, 'submit', counting('submits'));
  wrap(device, 'createCommandEncoder', (create) => (...args: unknown[]) => {
    const encoder = create(...args) as GPUCommandEncoder;
    wrap(encoder, 'beginComputePass', (begin) => (...options: unknown[]) => {
      const pass = begin(...options) as GPUComputePassEncoder;
      wrap(pass, 'dispatchWorkgroups', counting('dispatches'));
      return pass;
    });
    return encoder;
  });
  try {
    await work();
  } finally {
    for (const restore of undo.reverse()) restore();
  }
  return calls;
}
