// Loaded with `--import` into every measured process: tells over the channel to its parent what the process has used.
import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export type ProbeQuestion = { probe: 'sample'; id: number; collect: boolean } | { probe: 'profile'; id: number };

export type ProbeSample = {
  /** User and system time of all threads since the start. */
  cpuMicroseconds: number;
  /** The part of it that the system spent on the process's behalf. */
  systemMicroseconds: number;
  rssBytes: number;
  /** Of JavaScript's heap and of the buffers that it owns. */
  heapBytes: number;
};

const PROFILE_INTERVAL_MICROSECONDS = 200;
let profiling: Session | null = null;

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
}

function sample(collect: boolean): ProbeSample {
  if (collect) collectGarbage();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { cpuMicroseconds: user + system, systemMicroseconds: system, rssBytes: rss, heapBytes: heapUsed + external };
}

/** Begins a profile of the processor's time; the second call ends it and answers with it. */
async function profile(): Promise<unknown> {
  if (profiling) {
    const session = profiling;
    profiling = null;
    const result = await session.post('Profiler.stop');
    session.disconnect();
    return result.profile;
  }
  profiling = new Session();
  profiling.connect();
  await profiling.post('Profiler.enable');
  await profiling.post('Profiler.setSamplingInterval', { interval: PROFILE_INTERVAL_MICROSECONDS });
  await profiling.post('Profiler.start');
  return null;
}

process.on('message', async (question: ProbeQuestion) => {
  if (question.probe === 'sample') process.send?.({ id: question.id, answer: sample(question.collect) });
  if (question.probe === 'profile') process.send?.({ id: question.id, answer: await profile() });
});
// A process whose bench is gone has nothing left to do.
process.on('disconnect', () => process.exit());
process.channel?.unref();
