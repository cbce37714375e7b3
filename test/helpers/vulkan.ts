// Set-up of the `gpu` tests: the worker processes started after this inherit a Vulkan driver.
import { vulkanEnv } from '../../src/cli/vulkan.mjs';

export function setup(): void {
  Object.assign(process.env, vulkanEnv());
}
