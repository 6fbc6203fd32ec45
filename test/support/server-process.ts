import type { ChildProcess } from 'node:child_process';
import { startMain, temporaryFolder } from './main-process.ts';

export type ServerProcess = {
  url: string;
  graphqlUrl: string;
  socketUrl: string;
  child: ChildProcess;
  /** What it has printed. */
  output(): string;
  /** Sends the signal and waits for the end. Returns the exit code, null after a signal. */
  end(signal: NodeJS.Signals): Promise<number | null>;
};

/** `src/main.ts` in a process of its own, ready to answer; killed when the test has finished. */
export async function startServerProcess(environment: Record<string, string>): Promise<ServerProcess> {
  const { child, output, ready, exited } = startMain(await temporaryFolder(), {
    NODE_ENV: 'test',
    LOG_FORMAT: 'json',
    MODEL_RETRIES: '0',
    // Tests are faster than people.
    TURNS_PER_MINUTE: '0',
    LOGIN_ATTEMPTS_PER_MINUTE_PER_IP: '0',
    REGISTRATIONS_PER_HOUR_PER_IP: '0',
    REQUESTS_PER_MINUTE: '0',
    REQUESTS_PER_MINUTE_PER_IP: '0',
    MAX_CONCURRENT_TURNS: '0',
    ...environment,
  });
  const url = await ready;
  const graphqlUrl = `${url}/graphql`;
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return (await exited).code;
  };
  return { url, graphqlUrl, socketUrl: graphqlUrl.replace('http', 'ws'), child, output, end };
}
