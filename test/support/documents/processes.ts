import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** The processes that read documents for this one (or for `parent`), by what Linux tells. */
export async function readersOf(parent = process.pid): Promise<number[]> {
  const children = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8').catch(() => '');
  const found: number[] = [];
  for (const pid of children.split(' ').filter((one) => one !== '')) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes('reader-process')) found.push(Number(pid));
  }
  return found;
}

/** Whether a process is there and has not ended. */
export async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return status !== '' && !/\) [ZX] /.test(status);
}

/** The most memory that a process has taken, in megabytes; 0 when it is gone. */
export async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

/** The most that any process of this one's readers takes until `work` is done. */
export async function peakDuring(work: Promise<unknown>): Promise<number> {
  let peak = 0;
  let isDone = false;
  const settled = work.then(
    () => {
      isDone = true;
    },
    () => {
      isDone = true;
    },
  );
  while (!isDone) {
    for (const pid of await readersOf()) peak = Math.max(peak, await peakOf(pid));
    // Looking takes processor time itself, and others need it.
    await Promise.race([settled, delay(10)]);
  }
  await settled;
  return peak;
}
