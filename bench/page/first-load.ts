import { get } from 'node:http';
import type { Browser } from 'playwright-core';
import { kilobytes } from '../support/table.ts';

const ENCODINGS = ['identity', 'gzip', 'br'] as const;
const KINDS = { script: 'script', stylesheet: 'styles', document: 'document' } as const;

/** What the page takes from the network until the sign-in form is there, by kind and by encoding. */
export async function measureFirstLoad(browser: Browser, url: string): Promise<string[][]> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const found: { url: string; kind: string }[] = [];
  page.on('response', (response) => {
    const type = response.request().resourceType();
    const kind = type in KINDS ? KINDS[type as keyof typeof KINDS] : 'other';
    if (response.url().startsWith(url)) found.push({ url: response.url(), kind });
  });
  await page.goto(url, { waitUntil: 'networkidle' });
  await context.close();
  const rows = [['', 'files', ...ENCODINGS]];
  for (const kind of new Set(found.map((file) => file.kind))) {
    const files = found.filter((file) => file.kind === kind);
    const sums = [];
    for (const encoding of ENCODINGS) {
      const sizes = await Promise.all(files.map((file) => sizeOf(file.url, encoding)));
      sums.push(kilobytes(sizes.reduce((sum, size) => sum + size, 0)));
    }
    rows.push([kind, String(files.length), ...sums]);
  }
  return rows;
}

/** Of the body as it is sent. */
function sizeOf(url: string, encoding: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  get(url, { headers: { 'accept-encoding': encoding } }, (response) => {
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
    });
    response.on('end', () => resolve(size)).on('error', reject);
  }).on('error', reject);
  return promise;
}
