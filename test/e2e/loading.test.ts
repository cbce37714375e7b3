// What loading costs, and that nothing on the page moves by itself while it loads, starts and finishes.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../src/cli/install.mjs';
import { harnessFolder, servePage } from './serve.ts';
import { stepOf, transport, until, visitSite } from './site.ts';

const site = visitSite();

test('less than 500 kB gzipped come before the first chart, and nothing that opens later', async () => {
  const page = await site.open('', {
    script: `new MutationObserver((_, watch) => {
      if (!document.querySelector('[data-metric] svg')) return;
      window.firstChart = performance.now();
      watch.disconnect();
    }).observe(document, { subtree: true, childList: true });`,
  });
  await page.locator('[data-metric=entropy] svg').first().waitFor();
  const asked = await page.evaluate(() => {
    const { firstChart } = window as unknown as { firstChart: number };
    const before = performance
      .getEntriesByType('resource')
      .filter(({ startTime }) => startTime <= firstChart);
    return [location.href, ...before.map(({ name }) => name)].filter((url) => /^http/.test(url));
  });
  const files = asked.map((url) => new URL(url).pathname.slice(new URL(site.url).pathname.length));
  const sizes = files.map((file) => {
    const body = readFileSync(path.join(root, 'dist', decodeURIComponent(file) || 'index.html'));
    return { file, kB: gzipSync(body).length / 1000 };
  });
  const total = sizes.reduce((sum, { kB }) => sum + kB, 0);
  console.log(`${files.length} files, ${total.toFixed(0)} kB gzipped before the first chart`);
  // The page's own script and style are among them, or the list is not what it should be.
  expect(files.filter((file) => /index-.*\.(js|css)$/.test(file)).length).toBeGreaterThanOrEqual(2);
  expect(files.filter((file) => /katex|Tour|Microscope|Trust|Glossary/i.test(file))).toEqual([]);
  expect(total).toBeLessThan(500);
});

interface Shift {
  value: number;
  /** What moved. */
  who: string[];
}

/** Counted whether or not a press came before it: what a press shows must not move what was there. */
const watchShifts = `
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
      const who = sources.map(({ node }) => (node?.className?.baseVal ?? node?.className) || node?.nodeName);
      window.shifts.push({ value, who });
    }
  }).observe({ type: 'layout-shift', buffered: true });`;

describe('nothing jumps from loading to the last step', () => {
  let harness: Awaited<ReturnType<typeof servePage>>;
  beforeAll(async () => {
    harness = await servePage(harnessFolder);
  });
  afterAll(() => harness?.close());

  test.each([
    [1280, 900, ''],
    [1280, 900, '&software'],
    [360, 740, ''],
    [360, 740, '&software'],
  ])('at %i × %i%s', async (width, height, adapter) => {
    const context = await site.newContext({ viewport: { width, height } });
    await context.addInitScript(watchShifts);
    const page = await context.newPage();
    await page.goto(`${harness.url}?trainer.steps=24#ms=60${adapter}`);
    await page.getByText('in all').waitFor();
    await transport(page, 'Start').click();
    await until(async () => (await stepOf(page)) >= 20);
    await transport(page, 'Finished').waitFor();
    await page.waitForTimeout(1000);
    const shifts = await page.evaluate(() => (window as unknown as { shifts: Shift[] }).shifts);
    const sum = shifts.reduce((total, { value }) => total + value, 0);
    const worst = shifts.toSorted((a, b) => b.value - a.value)[0];
    expect(sum, `most by ${worst?.who.join(', ')}`).toBeLessThan(0.01);
  });
});
