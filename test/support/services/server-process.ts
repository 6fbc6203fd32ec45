import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { isExecutable, onPath } from './find-program.ts';

export type ServerProcess = {
  /** The end of what it has printed. */
  output(): string;
  exited(): boolean;
  pid: number;
  stop(): Promise<void>;
  /** At once, without asking. */
  kill(): Promise<void>;
};

export type ServerProcessOptions = {
  command: string;
  args: string[];
  cwd: string;
  /** The user that it runs as, where that is not the tests' own. */
  user?: { uid: number; gid: number } | undefined;
  /** Asks it to end at once: its data is thrown away. */
  stopSignal: NodeJS.Signals;
};

/** Starts a server that ends with this process: by `stop`, by its exit, and on Linux also when it is killed. */
export function startServerProcess(options: ServerProcessOptions): ServerProcess {
  const setpriv = process.platform === 'linux' ? onPath('setpriv').find(isExecutable) : undefined;
  const [command, args] =
    setpriv === undefined
      ? [options.command, options.args]
      : [setpriv, ['--pdeathsig', options.stopSignal.replace('SIG', ''), '--', options.command, ...options.args]];
  // A process group of its own: Ctrl-C is for the tests, which then stop it in order.
  const child = spawn(command, args, { cwd: options.cwd, ...options.user, detached: true, stdio: 'pipe' });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk).slice(-8_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.on('error', (error) => keep(Buffer.from(String(error))));
  const kill = () => child.kill(options.stopSignal);
  process.on('exit', kill);
  child.on('exit', () => process.off('exit', kill));
  return {
    output: () => output,
    exited: () => hasExited(child),
    // Of the server itself: what starts it becomes it.
    pid: child.pid ?? 0,
    stop: () => stop(child, options.stopSignal),
    kill: () => stop(child, 'SIGKILL'),
  };
}

function hasExited(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasExited(child)) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await Promise.race([ended, delay(5_000, undefined, { ref: false })]);
  if (hasExited(child)) return;
  child.kill('SIGKILL');
  await ended;
}
