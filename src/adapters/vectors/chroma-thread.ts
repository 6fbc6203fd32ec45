import { parentPort, workerData } from 'node:worker_threads';
import type { RunnerMessage } from './chroma-runner.ts';
import { loadServerBinary, type ServerBinary } from './server-binary.ts';

const { folder, cacheFolder, port } = workerData as { folder: string; cacheFolder: string; port: number };

let binary: ServerBinary | undefined;
try {
  binary = loadServerBinary(cacheFolder);
} catch (error) {
  const message: RunnerMessage = { type: 'impossible', reason: (error as Error).message };
  parentPort?.postMessage(message);
}
// Blocks this thread until a signal ends the server.
binary?.cli(['chroma', 'run', '--host', '127.0.0.1', '--port', String(port), '--path', folder]);
