import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { moveTo, onCore } from './cores.ts';
import type { ProbeSample } from './probe.ts';

export type ChildOptions = {
  script: string;
  args?: string[];
  /** The whole environment but PATH and HOME. */
  env?: Record<string, string>;
  cwd?: string;
  core: number | undefined;
  /** Further modules that are loaded before the script. */
  imports?: string[];
  /** What it prints once it is ready. */
  ready: RegExp;
};

export type Child = {
  /** What `ready` has found. */
  match: RegExpExecArray;
  /** Sends a message and waits for the answer with the same id. */
  ask<Answer>(question: object): Promise<Answer>;
  /** What it has used. `collect`: after a garbage collection. */
  sample(collect?: boolean): Promise<ProbeSample>;
  /** Begins a profile; the second call answers with it. */
  profile(): Promise<unknown>;
  pid: number;
  stop(): Promise<void>;
};

const PROBE = fileURLToPath(new URL('probe.ts', import.meta.url));
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;
const KEPT_OUTPUT = 8_000;

/** Starts a Node program with the probe, and waits until it is ready. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const imports = [PROBE, ...(options.imports ?? [])].flatMap((module) => ['--import', module]);
  const [command, args] = onCore(options.core, process.execPath, [
    '--disable-warning=ExperimentalWarning',
    ...imports,
    options.script,
    ...(options.args ?? []),
  ]);
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { PATH, HOME, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const match = await untilReady(child, options).catch(async (error: unknown) => {
    await stopChild(child);
    throw error;
  });

  let lastId = 0;
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  child.on('message', ({ id, answer, error }: { id: number; answer: unknown; error?: string }) => {
    if (error === undefined) waiting.get(id)?.resolve(answer);
    else waiting.get(id)?.reject(new Error(error));
    waiting.delete(id);
  });
  child.once('exit', (code, signal) => {
    const error = new Error(`${options.script} has ended (${signal ?? code}) before it answered.`);
    for (const { reject } of waiting.values()) reject(error);
  });
  const ask = async <Answer>(question: object): Promise<Answer> => {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${options.script} has ended.`);
    lastId += 1;
    const answer = Promise.withResolvers<unknown>();
    waiting.set(lastId, answer);
    child.send({ ...question, id: lastId });
    return answer.promise as Promise<Answer>;
  };

  let profiling = false;
  const profile = async () => {
    profiling = !profiling;
    // The thread that takes the samples has to run beside the one that it looks at, or it sees only what lasts.
    if (options.core !== undefined && child.pid !== undefined) moveTo(child.pid, profiling ? 'all' : options.core);
    return ask({ probe: 'profile' });
  };

  return {
    match,
    ask,
    sample: (collect = false) => ask<ProbeSample>({ probe: 'sample', collect }),
    profile,
    pid: child.pid ?? 0,
    stop: () => stopChild(child),
  };
}

async function untilReady(child: ChildProcess, { script, ready }: ChildOptions): Promise<RegExpExecArray> {
  let output = '';
  const found = Promise.withResolvers<RegExpExecArray>();
  const read = (chunk: Buffer) => {
    output = (output + chunk).slice(-KEPT_OUTPUT);
    const match = ready.exec(output);
    if (match) found.resolve(match);
  };
  child.stdout?.on('data', read);
  child.stderr?.on('data', (chunk: Buffer) => {
    read(chunk);
    process.stderr.write(chunk);
  });
  const fail = (reason: string) => found.reject(new Error(`${script} ${reason}. It printed:\n${output}`));
  child.once('error', (error) => fail(`cannot be started: ${error.message}`));
  child.once('exit', (code, signal) => fail(`has ended with ${signal ?? code}`));
  const timer = setTimeout(fail, START_TIMEOUT_MS, 'was not ready in time');
  return found.promise.finally(() => clearTimeout(timer));
}

async function stopChild(child: ChildProcess): Promise<void> {
  const hasExited = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  if (hasExited()) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await Promise.race([exited, delay(STOP_TIMEOUT_MS, undefined, { ref: false })]);
  if (hasExited()) return;
  child.kill('SIGKILL');
  await exited;
}
