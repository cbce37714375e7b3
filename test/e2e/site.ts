/**
 * What every browser test of the page begins with: the built page served, a browser, pages that must not complain, and
 * the few moves that all of them make.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { root } from '../../src/cli/install.mjs';
import { openBrowser } from './browser.ts';
import { harnessFolder, type ServedPage, servePage } from './serve.ts';

/** Settings small enough for a processor that stands in for a GPU. */
export const SMALL =
  '?trainer.prompts=4&trainer.group_size=4&trainer.eval_prompts=4&trainer.eval_every=2&seeds=0';

/** How long anything is waited for: a processor that stands in for a GPU may have other work as well. */
const PATIENCE = 120_000;

/** Pictures for people to look at. */
const pictures = path.join(root, 'node_modules/.cache/entroscope/pictures');

interface Visit extends BrowserContextOptions {
  /** A context that stands already, for a second tab or another storage; else a fresh one. */
  context?: BrowserContext;
  /** Runs in the page before anything of its own. */
  script?: string;
  /**
   * The same page on the scripted engine, where it does not matter which: to open it on the real one takes a processor
   * that stands in for a GPU some seconds, for the kernels. Options of that engine stand behind `#` in the query.
   */
  isScripted?: boolean;
}

export interface Site {
  /** Address of the page, with a slash at the end. */
  readonly url: string;
  readonly browser: Browser;
  /** What pages complained of: errors on the console or thrown, requests to other hosts. Empty after each test. */
  readonly complaints: string[];
  newContext(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** Opens the page with these settings (beginning with `?`) in its address. */
  open(query?: string, visit?: Visit): Promise<Page>;
}

/** Registers what serves `folder` (the built page) and opens a browser around the tests of a file. */
export function visitSite(folder?: string): Site {
  let browser: Browser;
  let served: ServedPage;
  let scripted: ServedPage;
  const complaints: string[] = [];

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    served = await servePage(folder);
    scripted = await servePage(harnessFolder);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    await scripted?.close();
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    expect(complaints.splice(0)).toEqual([]);
  });

  const newContext = async (options: BrowserContextOptions = {}) => {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      reducedMotion: 'reduce',
      ...options,
    });
    context.setDefaultTimeout(PATIENCE);
    return context;
  };

  return {
    get url() {
      return served.url;
    },
    get browser() {
      return browser;
    },
    complaints,
    newContext,
    open: async (query = SMALL, { context: standing, script, isScripted, ...options } = {}) => {
      const { url } = isScripted ? scripted : served;
      const context = standing ?? (await newContext(options));
      if (script) await context.addInitScript(script);
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => {
        const { protocol, host } = new URL(request.url());
        const isOurs = host === new URL(url).host || protocol === 'data:' || protocol === 'blob:';
        if (!isOurs) complaints.push(`request to ${request.url()}`);
      });
      await page.goto(url + query);
      return page;
    },
  };
}

/** Waits until this holds. */
export const until = (check: () => Promise<boolean>) =>
  expect.poll(check, { timeout: PATIENCE, interval: 250 }).toBe(true);

/** Waits until nothing moves and no color is on its way, ten frames long: what was just asked for begins a little later. */
export const settled = (page: Page) =>
  until(() =>
    page.evaluate(async () => {
      for (let i = 0; i < 10; i++) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        if (document.getAnimations().some(({ playState }) => playState === 'running')) return false;
      }
      return true;
    }),
  );

/** Findings of axe within a part of the page, in a line each. */
export async function violations(page: Page, within = 'html'): Promise<string[]> {
  // In this page, which has neither frames nor media, this is all of axe in a third of the time.
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode(true)
    .options({ preload: false, resultTypes: ['violations'] })
    .include(within)
    .analyze();
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 140)).join(' | ')}`,
  );
}

/** A picture for people to look at; its path. */
export async function picture(page: Page, name: string, fullPage = false): Promise<string> {
  const file = path.join(pictures, `${name}.png`);
  await page.screenshot({ path: file, fullPage });
  return file;
}

/** A button of the transport by its whole name. */
export const transport = (page: Page, name: string) =>
  page.locator('.transport').getByRole('button', { name, exact: true });

/** The step that the transport shows; NaN before there is one. */
export async function stepOf(page: Page): Promise<number> {
  const text = await page.locator('.transport').innerText();
  return Number(/step\s+(\d+)/.exec(text)?.[1] ?? Number.NaN);
}

/** Trains up to a step and pauses, in the frame that shows it or soon after: runs are short, and may not end first. */
export async function trainTo(page: Page, step: number): Promise<void> {
  await transport(page, 'Start').or(transport(page, 'Continue')).click();
  await page.waitForFunction((least) => {
    const text = document.querySelector<HTMLElement>('.transport')?.innerText ?? '';
    return Number(/step\s+(\d+)/.exec(text)?.[1]) >= least;
  }, step);
  await transport(page, 'Pause').click();
  await transport(page, 'Continue').waitFor();
}
