import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** Stops a process until SIGCONT. Of one with many threads some go on for a moment: returns when all of them stand. */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  while (!(await threadStates(pid)).every((state) => state === 'T')) await delay(5);
}

/** None of one that has ended. */
async function threadStates(pid: number): Promise<string[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const stats = await Promise.all(
    threads.map((id) => readFile(`/proc/${pid}/task/${id}/stat`, 'utf8').catch(() => '')),
  );
  // The name of the program stands in brackets, and may hold anything.
  return stats.filter(Boolean).flatMap((stat) => stat.slice(stat.lastIndexOf(')') + 2).split(' ')[0] ?? []);
}
