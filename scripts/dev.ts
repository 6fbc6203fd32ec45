// `npm run dev`: the server, started anew when its sources change, and the page, changed in the browser while it is open.
// `--page-port 5180` is another port for the page. The server takes its settings from where it always does.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createNetServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createShell } from '../src/cli/shell.ts';
import { readConfig } from '../src/config.ts';
import { onceOrphaned } from '../src/util/once-orphaned.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const READY_CHECK_MS = 200;
const EVERY_ADDRESS = new Set(['0.0.0.0', '::']);

const { values } = parseArgs({ options: { 'page-port': { type: 'string', default: '5173' } } });
const environment = createShell().environment();
const { HOST, PORT } = readConfig(environment);
// The page's server has to know it, and it has to be the same after each new start.
const port = PORT === 0 ? await findFreePort() : PORT;
const address = new URL(`http://127.0.0.1:${port}`);
if (!EVERY_ADDRESS.has(HOST)) address.hostname = HOST.includes(':') ? `[${HOST}]` : HOST;
process.env.COLLOQUY_URL = address.origin;

// Vite reads its own configuration, where that address is used.
const { createServer } = await import('vite');
const page = await createServer({
  root: `${ROOT}frontend`,
  configFile: `${ROOT}frontend/vite.config.ts`,
  clearScreen: false,
  server: { port: Number(values['page-port']) },
});
await page.listen();

const server = spawn(
  process.execPath,
  ['--watch', '--watch-preserve-output', `${ROOT}src/cli/main.ts`, 'serve', '--port', String(port)],
  { env: environment, stdio: ['ignore', 'inherit', 'inherit'] },
);
const ended = once(server, 'exit');
const ending = new AbortController();
const end = () => {
  ending.abort();
  server.kill();
};
process.on('SIGINT', end);
process.on('SIGTERM', end);
onceOrphaned(end);

void tellWhenReady();
const [code] = await ended;
ending.abort();
await page.close();
process.exit(code ?? 0);

/** After what the server tells of itself. */
async function tellWhenReady(): Promise<void> {
  const { signal } = ending;
  while (!signal.aborted) {
    const isReady = await fetch(new URL('/ready', address), { signal }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return console.log(`\n  Page, as it is being changed  ${page.resolvedUrls?.local[0]}\n`);
    await delay(READY_CHECK_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function findFreePort(): Promise<number> {
  const probe = createNetServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const bound = probe.address();
  probe.close();
  await once(probe, 'close');
  if (bound === null || typeof bound === 'string') throw new Error('No port is free.');
  return bound.port;
}
