import { createChromaServer } from '../../src/adapters/vectors/chroma-server.ts';

// The program of a process that has a Chroma, for tests that kill it: `node chroma-parent.ts FOLDER CACHE`.
const [folder = '', cacheFolder = ''] = process.argv.slice(2);
const server = createChromaServer({ folder, cacheFolder, debug: () => {}, warn: (message) => console.error(message) });
const url = await server.url();
console.log(JSON.stringify({ url, pid: server.pid() }));
setInterval(() => {}, 60_000);
