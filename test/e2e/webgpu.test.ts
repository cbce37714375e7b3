// The browser that the other tests use has WebGPU, in a page and in a module Worker.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openBrowser, servePage } from './browser.ts';

test('an adapter in a page and in a module Worker', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'entroscope-e2e-'));
  writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>empty</title>');
  writeFileSync(
    path.join(folder, 'worker.js'),
    `const adapter = await navigator.gpu?.requestAdapter();
     const device = await adapter?.requestDevice();
     postMessage(device ? 'device' : 'nothing');`,
  );
  const served = await servePage(folder);
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(served.url);
    const inPage = await page.evaluate(async () => {
      const device = await (await navigator.gpu?.requestAdapter())?.requestDevice();
      return device ? 'device' : 'nothing';
    });
    const inWorker = await page.evaluate(
      () =>
        new Promise((resolve, reject) => {
          const worker = new Worker('worker.js', { type: 'module' });
          worker.onmessage = (event) => resolve(event.data);
          worker.onerror = (event) => reject(new Error(event.message));
        }),
    );
    expect([inPage, inWorker]).toEqual(['device', 'device']);
  } finally {
    await browser.close();
    await served.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
