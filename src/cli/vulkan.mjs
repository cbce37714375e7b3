// Decides which GPU driver Dawn on Node gets: the machine's own, or SwiftShader from npm.
// Dawn loads Vulkan once, from the environment the process was *started* with, so this module
// returns variables for a child process; it cannot help the process that calls it.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { root } from './install.mjs';
import { canUnpack, unpack } from './unpack.mjs';

const probe = `
  import { create } from 'webgpu';
  const adapter = await create([]).requestAdapter();
  process.exit(adapter ? 0 : 3);
`;

/** Whether plain Dawn, in the given environment, finds any adapter. */
function findsAdapter(/** @type {NodeJS.ProcessEnv} */ env) {
  const args = ['--input-type=module', '--eval', probe];
  const options = /** @type {const} */ ({ cwd: root, env, stdio: 'ignore', timeout: 30_000 });
  return spawnSync(process.execPath, args, options).status === 0;
}

/**
 * Environment variables under which a child process finds an adapter. ENTROSCOPE_GPU among them
 * ('system' or 'swiftshader') remembers the answer for every process below; set it by hand to
 * choose. Where nothing is found the answer is 'system', and opening Dawn explains what is missing.
 * @returns {Record<string, string>}
 */
export function vulkanEnv() {
  const known = process.env.ENTROSCOPE_GPU;
  if (known === 'system' || (known !== 'swiftshader' && findsAdapter(process.env)) || !canUnpack) {
    return { ENTROSCOPE_GPU: 'system' };
  }
  const folder = unpack('swiftshader');
  const driver = path.join(folder, 'vk_swiftshader_icd.json');
  const libraries = (process.env.LD_LIBRARY_PATH ?? '').split(':').filter((p) => p && p !== folder);
  return {
    ENTROSCOPE_GPU: 'swiftshader',
    LD_LIBRARY_PATH: [folder, ...libraries].join(':'),
    VK_DRIVER_FILES: driver,
    VK_ICD_FILENAMES: driver,
  };
}
