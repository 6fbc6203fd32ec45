import { homedir } from 'node:os';
import { type Client, ColloquyError, createClient } from '@colloquy/sdk';
import { EXIT, exitCodeFor, Failure } from './exit-codes.ts';
import { explain, keyRefused } from './explain.ts';
import { createOutput, type Output } from './output.ts';
import { apiKeyOf, serverUrl } from './server.ts';
import type { Shell } from './shell.ts';
import { createTokenFile, tokenFilePath } from './token-file.ts';

/** `key` null: none, whatever the environment has. */
export type ServerOptions = { url?: string | undefined; key?: string | null | undefined; json?: true | undefined };

export type Remote = { client: Client; url: string; output: Output; shell: Shell; signal: AbortSignal };

/**
 * Work on a server through its graph, with an API key or the sign-in that is kept for it. `work` returns the exit code,
 * or nothing when all went well. Throws Failure.
 */
export async function onServer(
  shell: Shell,
  options: ServerOptions,
  work: (remote: Remote) => Promise<number> | Promise<void>,
): Promise<void> {
  const environment = shell.environment();
  const url = serverUrl(options.url, environment);
  const apiKey = options.key === null ? undefined : apiKeyOf(options.key, environment);
  const client = createClient({
    url,
    ...(apiKey === undefined
      ? { tokenStore: createTokenFile(tokenFilePath(environment, homedir()), new URL(url).href) }
      : { apiKey }),
  });
  const output = createOutput(shell, options.json ?? false);
  try {
    process.exitCode = (await work({ client, url, output, shell, signal: shell.signal() })) ?? EXIT.done;
  } catch (error) {
    if (!(error instanceof ColloquyError) || shell.interrupted()) throw error;
    const message =
      error.code === 'UNAUTHENTICATED' ? signInFirst(url, apiKey) : (explain(error, url) ?? error.message);
    throw new Failure(message, exitCodeFor(error.code), error);
  } finally {
    client.dispose();
  }
}

function signInFirst(url: string, apiKey: string | undefined): string {
  if (apiKey !== undefined) return keyRefused(url);
  return `Nobody is signed in at ${url}: \`colloquy login --url ${url}\`, or give a key in COLLOQUY_API_KEY.`;
}
