// A Chromium with WebGPU for the browser tests, on any machine: an installed one if there is one,
// else the one that npm brings, and SwiftShader where there is no GPU.
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { unpack } from '../../src/cli/unpack.mjs';
import { vulkanEnv } from '../../src/cli/vulkan.mjs';
import { servePage } from './serve.ts';

export { servePage };

const installed = [
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

interface Executable {
  path: string;
  env: Record<string, string>;
  args: string[];
}

/** CHROME_PATH, else an installed browser, else the one inside npm's @sparticuz/chromium. */
function findChromium(): Executable {
  const chosen = process.env.CHROME_PATH ?? installed.find((file) => existsSync(file));
  if (chosen) return { path: chosen, env: {}, args: [] };
  const folder = unpack('chromium');
  const fonts = unpack('fonts');
  // The archive's own configuration names the folders of another machine.
  const configuration = path.join(fonts, 'entroscope.conf');
  writeFileSync(
    configuration,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
      <dir>${fonts}</dir><dir>/usr/share/fonts</dir><cachedir>${fonts}/cache</cachedir>
    </fontconfig>`,
  );
  const libraries = [path.join(unpack('al2023'), 'lib'), process.env.LD_LIBRARY_PATH];
  return {
    path: path.join(folder, 'chromium'),
    env: {
      LD_LIBRARY_PATH: libraries.filter(Boolean).join(':'),
      FONTCONFIG_FILE: configuration,
    },
    args: ['--headless=shell', '--no-zygote'],
  };
}

function launch(executable: Executable, software: boolean): Promise<Browser> {
  return chromium.launch({
    executablePath: executable.path,
    env: { ...(process.env as Record<string, string>), ...executable.env },
    args: [
      '--no-sandbox', // the kernel of a container rarely allows one; pages here are our own
      '--enable-unsafe-webgpu',
      '--enable-features=Vulkan',
      ...(software ? ['--use-webgpu-adapter=swiftshader', '--ignore-gpu-blocklist'] : []),
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-dev-shm-usage',
      ...executable.args,
    ],
  });
}

/** Whether a page gets an adapter. Asked on localhost: WebGPU is for secure contexts only. */
async function hasAdapter(browser: Browser): Promise<boolean> {
  const served = await servePage();
  const page = await browser.newPage();
  try {
    await page.goto(new URL('nothing', served.url).href);
    return await page.evaluate(async () => Boolean(await navigator.gpu?.requestAdapter()));
  } finally {
    await page.close();
    await served.close();
  }
}

/** Launches the browser; the caller closes it. */
export async function openBrowser(): Promise<Browser> {
  const executable = findChromium();
  if (vulkanEnv().ENTROSCOPE_GPU === 'system') {
    // That Dawn on Node reaches the GPU does not say that a headless browser does.
    const browser = await launch(executable, false);
    if (await hasAdapter(browser)) return browser;
    await browser.close();
  }
  return launch(executable, true);
}
