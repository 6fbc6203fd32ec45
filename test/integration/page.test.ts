import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPageHandler } from '../../src/transport/page.ts';

let folder: string;
let server: Server;
let port: number;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'colloquy-page-'));
  await mkdir(join(folder, 'dist', 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'dist', 'index.html'), '<!doctype html><title>Colloquy</title>');
  await writeFile(join(folder, 'dist', 'assets', 'index-abc123.js'), 'export {};');
  const page = createPageHandler(join(folder, 'dist'));
  if (!page) throw new Error('no page');
  server = createServer(page).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** A path as it is: `fetch` would tidy it. */
async function get(path: string, method = 'GET') {
  const sent = request({ port, host: '127.0.0.1', path, method }).end();
  const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, text };
}

test('the index, and with it every address inside the page, is asked for anew each time', async () => {
  for (const path of ['/', '/c/Q29udmVyc2F0aW9u', '/settings?tab=keys', '/deep/er/still', '/%E0%A4%A', '/%00']) {
    const { status, headers, text } = await get(path);
    expect([status, text], path).toEqual([200, '<!doctype html><title>Colloquy</title>']);
    expect(headers['cache-control']).toBe('no-cache');
    expect(headers['content-type']).toMatch(/^text\/html/);
  }
  const { headers } = await get('/');
  expect(headers.etag).toBeTruthy();
});

test('the page may load nothing from elsewhere, run nothing inline and be in no frame', async () => {
  const { headers } = await get('/');
  const policy = Object.fromEntries(
    String(headers['content-security-policy'])
      .split('; ')
      .map((directive) => directive.split(/ (.*)/).slice(0, 2)),
  );
  expect(policy).toEqual({
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'img-src': "'self' blob:",
    'connect-src': "'self'",
    'manifest-src': "'self'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
    'require-trusted-types-for': "'script'",
    'trusted-types': 'colloquy-entities',
  });
  expect(headers).toMatchObject({
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': expect.stringContaining('camera=()'),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-dns-prefetch-control': 'off',
  });
});

test('files whose name changes with their content are kept for ever', async () => {
  const { status, headers, text } = await get('/assets/index-abc123.js');
  expect([status, text]).toEqual([200, 'export {};']);
  expect(headers['cache-control']).toMatch(/immutable/);
  expect(headers['content-type']).toMatch(/javascript/);
});

test('a file that is not there is not the index, and what lies outside is not there', async () => {
  expect((await get('/assets/index-gone.js')).status).toBe(404);
  for (const path of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/../../secret.txt',
    '//secret.txt',
  ]) {
    const { text } = await get(path);
    expect(text, path).not.toContain('secret');
  }
});

test('a page that is not built is none', () => {
  expect(createPageHandler(join(folder, 'nowhere'))).toBeNull();
});
