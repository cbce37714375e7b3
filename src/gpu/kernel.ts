/**
 * A kernel from WGSL text. Pieces (whole files) are joined in the order given, constants stand in front as
 * `const NAME = …;`, and the bindings are read from the WGSL itself, so that a buffer is bound by its name and a
 * missing or unknown one is refused by name.
 *
 *   const kernel = await createKernel(device, { entry: 'rmsnorm', sources: [rows, rmsnorm], constants: { C: 64 } });
 *   const group = kernel.bind({ batch, x, weight, y, rstd });
 *   pass.setPipeline(kernel.pipeline); pass.setBindGroup(0, group); pass.dispatchWorkgroups(n);
 */
import { unrolled } from './unroll.ts';
import { entryBindings, type WgslBinding } from './wgsl.ts';

/** One WGSL file, or composed text with a name of its own. */
export interface Source {
  name: string;
  text: string;
}

export interface KernelSpec {
  entry: string;
  sources: readonly Source[];
  constants?: Readonly<Record<string, number>>;
  /** For messages and profiles; default: the entry. */
  label?: string;
}

export interface Kernel {
  label: string;
  pipeline: GPUComputePipeline;
  bindings: readonly WgslBinding[];
  /** The joined text, as compiled. */
  code: string;
  /** @throws {Error} a buffer that the kernel needs is missing, or one it does not have is given */
  bind(buffers: Readonly<Record<string, GPUBuffer | GPUBufferBinding>>): GPUBindGroup;
}

/** `const K = 64u;` for whole numbers, `const EPS = 0.00001f;` for the others. */
function constantText(constants: Readonly<Record<string, number>>): string {
  return Object.entries(constants)
    .map(([name, value]) => {
      if (!Number.isFinite(value))
        throw new RangeError(`createKernel: ${name} must be finite, got ${value}`);
      return `const ${name} = ${Number.isInteger(value) && value >= 0 ? `${value}u` : `f32(${value})`};`;
    })
    .join('\n');
}

const DIRECTIVE = /^(?:enable|diagnostic)\b.*$/gm;

/** WGSL wants directives before all else; the lines that they stood on stay, empty. */
function withDirectivesFirst(pieces: readonly Source[]): Source[] {
  const found = pieces.flatMap(({ text }) => text.match(DIRECTIVE) ?? []);
  if (found.length === 0) return [...pieces];
  const rest = pieces.map(({ name, text }) => ({ name, text: text.replace(DIRECTIVE, '') }));
  return [{ name: 'directives', text: found.join('\n') }, ...rest];
}

/** @throws {Error} naming file and line for every error the compiler reports */
export async function createKernel(device: GPUDevice, spec: KernelSpec): Promise<Kernel> {
  const label = spec.label ?? spec.entry;
  const constants = { name: 'constants', text: constantText(spec.constants ?? {}) };
  const known = spec.constants ?? {};
  const sources = spec.sources.map(({ name, text }) => ({ name, text: unrolled(text, known) }));
  const pieces = withDirectivesFirst([constants, ...sources]);
  const code = pieces.map((p) => p.text).join('\n');
  const bindings = entryBindings(code, spec.entry);
  // What is refused here is thrown below, WGSL with file and line; it would reach `uncapturederror` as well.
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ code, label });
  const layout = device.createBindGroupLayout({
    label,
    entries: bindings.map((b) => ({
      binding: b.binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: b.type },
    })),
  });
  const descriptor: GPUComputePipelineDescriptor = {
    label,
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module, entryPoint: spec.entry },
  };
  const refused = device.popErrorScope().catch(() => null);
  let pipeline: GPUComputePipeline;
  try {
    pipeline = await device.createComputePipelineAsync(descriptor);
  } catch (error) {
    const reason = (await refused)?.message ?? String(error);
    throw new Error(`${label}: ${await describeErrors(module, pieces, reason)}`);
  }
  return {
    label,
    pipeline,
    bindings,
    code,
    bind(buffers) {
      const known = new Set(bindings.map((b) => b.name));
      for (const name of Object.keys(buffers)) {
        if (!known.has(name))
          throw new Error(`${label}: binding must be one of ${[...known].join(', ')}, got ${name}`);
      }
      const entries = bindings.map(({ name, binding }) => {
        const given = buffers[name];
        if (!given) throw new Error(`${label}: needs a buffer for ${name}, got none`);
        return { binding, resource: 'buffer' in given ? given : { buffer: given } };
      });
      return device.createBindGroup({ label, layout, entries });
    },
  };
}

async function describeErrors(
  module: GPUShaderModule,
  pieces: readonly Source[],
  otherwise: string,
): Promise<string> {
  const { messages } = await module.getCompilationInfo();
  const errors = messages.filter((m) => m.type === 'error');
  if (errors.length === 0) return otherwise;
  return errors.map((m) => `${locate(pieces, m.lineNum)}:${m.linePos}: ${m.message}`).join('\n');
}

/** `file:line` of a line in the joined text, both counted from 1. */
export function locate(pieces: readonly Source[], line: number): string {
  let rest = line;
  for (const piece of pieces) {
    const lines = piece.text.split('\n').length;
    if (rest <= lines) return `${piece.name}:${rest}`;
    rest -= lines;
  }
  return `joined:${line}`;
}
