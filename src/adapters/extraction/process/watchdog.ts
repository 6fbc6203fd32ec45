import { workerData } from 'node:worker_threads';

/**
 * Runs in a thread of its own beside a reader, because a reader that is busy sees nothing. Ends the process when it
 * takes more memory than it may (also what is outside the JavaScript heap, which no option of Node bounds), and when
 * the server that started it is gone.
 */
const { parent, maxBytes } = workerData as { parent: number; maxBytes: number };
const CHECK_MS = 50;

setInterval(() => {
  if (process.ppid !== parent || process.memoryUsage.rss() > maxBytes) process.kill(process.pid, 'SIGKILL');
}, CHECK_MS);
