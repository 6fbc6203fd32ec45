import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { number } from './table.ts';

/** The core of the measured process, and the one of all that it talks to. Null: nothing is pinned. */
export type Cores = { measured: number; others: number };

/** Two cores where the machine has them and `taskset` can pin to them. This process goes to the second one. */
export function takeCores(): Cores | null {
  if (process.platform !== 'linux' || availableParallelism() < 2) return null;
  const cores = { measured: 0, others: 1 };
  try {
    // Everything that is started from here, PostgreSQL too, stays on that core unless it is pinned elsewhere.
    moveTo(process.pid, cores.others);
    return cores;
  } catch {
    return null;
  }
}

/** Moves a process with all its threads. */
export function moveTo(pid: number, core: number | 'all'): void {
  const list = core === 'all' ? `0-${cpus().length - 1}` : String(core);
  execFileSync('taskset', ['-a', '-cp', list, String(pid)], { stdio: 'ignore' });
}

/** A command that runs on one core. */
export function onCore(core: number | undefined, command: string, args: string[]): [string, string[]] {
  return core === undefined ? [command, args] : ['taskset', ['-c', String(core), command, ...args]];
}

export function describeMachine(cores: Cores | null): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const pinning = cores
    ? `the measured process on core ${cores.measured}, everything else on core ${cores.others}`
    : 'nothing pinned';
  const memory = `${number(totalmem() / 2 ** 30)} GiB`;
  return `${cpus().length} × ${model}, ${memory}, Node ${process.version}, ${process.platform}; ${pinning}.`;
}

export type CoreTimes = { busy: number; total: number }[];

export function readCoreTimes(): CoreTimes {
  return cpus().map(({ times }) => {
    const total = times.user + times.nice + times.sys + times.irq + times.idle;
    return { busy: total - times.idle, total };
  });
}

/** How busy a core was between two readings, whoever kept it busy: 0 to 1. */
export function busyShare(before: CoreTimes, after: CoreTimes, core: number): number {
  const [from, to] = [before[core], after[core]];
  if (!from || !to || to.total === from.total) return Number.NaN;
  return (to.busy - from.busy) / (to.total - from.total);
}
