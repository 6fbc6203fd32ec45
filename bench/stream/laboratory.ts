import { fileURLToPath } from 'node:url';
import { startPostgres } from '../../test/support/services/postgres.ts';
import { type Child, startChild } from '../support/child.ts';
import type { Closer } from '../support/closer.ts';
import { startColloquy } from '../support/colloquy.ts';
import type { Cores } from '../support/cores.ts';

/** A server whose turns are watched: Colloquy or the relay. */
export type Target = {
  name: string;
  process: Child;
  socketUrl: string;
  /** Of the accounts that the sockets are spread over. */
  tokens: string[];
};

export type Laboratory = {
  upstream: Child;
  clients: Child;
  colloquy: Target;
  relay: Target;
  cores: Cores | null;
};

export type Engine = 'postgresql' | 'pglite';
export type LaboratoryOptions = {
  engine: Engine;
  cores: Cores | null;
  accounts: number;
  root: string | undefined;
};

const script = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Starts everything that takes part. */
export async function openLaboratory({ started }: Closer, options: LaboratoryOptions): Promise<Laboratory> {
  const { engine, cores, accounts, root } = options;
  const postgres = engine === 'postgresql' ? await started(startPostgres()) : null;
  const upstream = await started(
    startChild({
      script: script('../../test/support/scripted-upstream.ts'),
      core: cores?.others,
      ready: /"url":"(.+?)"/,
    }),
  );
  const upstreamUrl = upstream.match[1] ?? '';
  const clients = await started(startChild({ script: script('clients.ts'), core: cores?.others, ready: /ready\n/ }));
  const relay = await started(
    startChild({
      script: script('relay.ts'),
      args: [upstreamUrl],
      core: cores?.measured,
      ready: /listening on (\d+) /,
    }),
  );
  const colloquy = await started(
    startColloquy({
      databaseUrl: postgres?.url,
      core: cores?.measured,
      root,
      env: { OPENAI_BASE_URL: upstreamUrl, OPENAI_API_KEY: 'key-of-the-bench', DEFAULT_MODEL: 'openai/scripted' },
    }),
  );
  const tokens: string[] = [];
  for (let account = 0; account < accounts; account += 1) tokens.push((await colloquy.register()).token);
  return {
    upstream,
    clients,
    cores,
    colloquy: {
      name: 'Colloquy',
      process: colloquy,
      socketUrl: `${colloquy.url.replace('http', 'ws')}/graphql`,
      tokens,
    },
    relay: { name: 'relay', process: relay, socketUrl: `ws://127.0.0.1:${relay.match[1]}/`, tokens: ['none'] },
  };
}
