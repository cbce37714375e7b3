/** The shipped base models, by network. */
import type { Experiment } from '../core/experiment.ts';

/**
 * @param bases address of their folder, with a slash at the end
 * @throws {Error} there is none of this name
 */
export async function fetchBase(
  bases: string,
  name: string,
  { task, model }: Experiment,
): Promise<ArrayBuffer> {
  const response = await fetch(`${bases}${name}.safetensors`);
  if (response.ok) return response.arrayBuffer();
  const hints = name.endsWith('-hints') ? ' that knows hints' : '';
  throw new Error(
    `base: there is no shipped base${hints} for ${task} with the model ${model}; choose “train in this tab”`,
  );
}
