import type { VectorIndexState } from '../../ports/vector-index.ts';
import type { ProviderStatus } from '../models/models.ts';

export type HealthState = 'OK' | 'DEGRADED' | 'DOWN' | 'DISABLED';
export type ComponentHealth = { name: string; status: HealthState; latencyMs: number | null; message: string | null };
export type HealthReport = {
  status: HealthState;
  version: string;
  uptimeSeconds: number;
  components: ComponentHealth[];
};

export type HealthDependencies = {
  version: string;
  /** Throws when the database does not answer. */
  pingDatabase: () => Promise<void>;
  databaseEngine: string;
  /** Whether this server reads uploaded files. */
  workerEnabled: boolean;
  cacheEnabled: boolean;
  /** Throws when Redis does not answer. Null: there is none. */
  pingRedis: (() => Promise<void>) | null;
  providerStatuses: () => Promise<ProviderStatus[]>;
  /** Null: no vectors are made. */
  vectorState: (() => Promise<VectorIndexState>) | null;
};

export type Health = ReturnType<typeof createHealth>;

const DEADLINE_MS = 2_000;

/** What of this server works. The database decides between up and down; every other part only degrades it. */
export function createHealth(deps: HealthDependencies) {
  let closing = false;

  async function report(): Promise<HealthReport> {
    const components = await Promise.all([
      { name: 'server', status: 'OK', latencyMs: null, message: closing ? 'It is shutting down.' : null } as const,
      database(),
      cache(),
      chroma(),
      llm(),
      worker(),
    ]);
    const uptimeSeconds = Math.round(process.uptime() * 1000) / 1000;
    return { status: overall(components), version: deps.version, uptimeSeconds, components };
  }

  async function database(): Promise<ComponentHealth> {
    const started = performance.now();
    const message = deps.databaseEngine === 'pglite' ? 'embedded' : null;
    try {
      await within(DEADLINE_MS, deps.pingDatabase());
      return { name: 'database', status: 'OK', latencyMs: Math.round(performance.now() - started), message };
    } catch {
      return { name: 'database', status: 'DOWN', latencyMs: null, message: 'The database does not answer.' };
    }
  }

  async function llm(): Promise<ComponentHealth> {
    const providers = (await deps.providerStatuses()).filter(({ state }) => state !== 'DISABLED');
    const models = providers.filter(({ provider }) => provider !== 'builtin');
    const working = models.find(({ state }) => state === 'OK');
    if (working) return { name: 'llm', status: 'OK', latencyMs: working.latencyMs, message: working.provider };
    const faults = models.map(({ provider, message }) => `${provider}: ${message ?? 'no answer'}`);
    const message = `No language model can be reached; the built-in answerer is used. ${faults.join(' ')}`.trim();
    return { name: 'llm', status: 'DEGRADED', latencyMs: null, message };
  }

  function worker(): ComponentHealth {
    if (!deps.workerEnabled)
      return part('worker', 'This server reads no files; another one that shares its database does.');
    return { name: 'worker', status: 'OK', latencyMs: null, message: null };
  }

  /** With Redis it is the part that instances share, whether or not answers are cached. */
  async function cache(): Promise<ComponentHealth> {
    const name = 'cache';
    const message = deps.cacheEnabled ? null : 'Answers are not cached.';
    if (!deps.pingRedis) {
      return deps.cacheEnabled
        ? { name, status: 'OK', latencyMs: null, message: 'in process' }
        : part(name, message ?? '');
    }
    const started = performance.now();
    try {
      await within(DEADLINE_MS, deps.pingRedis());
      return { name, status: 'OK', latencyMs: Math.round(performance.now() - started), message };
    } catch {
      const fault = 'Redis does not answer: answers are not cached, and this server goes on by itself.';
      return { name, status: 'DEGRADED', latencyMs: null, message: fault };
    }
  }

  async function chroma(): Promise<ComponentHealth> {
    if (!deps.vectorState) return part('chroma', 'Files are not searched by meaning.');
    return { name: 'chroma', ...(await deps.vectorState()) };
  }

  /** Whether requests should be sent here. */
  async function ready(): Promise<boolean> {
    return !closing && (await database()).status === 'OK';
  }

  return {
    report,
    ready,
    close() {
      closing = true;
    },
  };
}

function part(name: string, message: string): ComponentHealth {
  return { name, status: 'DISABLED', latencyMs: null, message };
}

function overall(components: ComponentHealth[]): HealthState {
  if (components.some(({ status }) => status === 'DOWN')) return 'DOWN';
  return components.some(({ status }) => status === 'DEGRADED') ? 'DEGRADED' : 'OK';
}

async function within<Result>(milliseconds: number, pending: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('timed out')), milliseconds);
  });
  try {
    return await Promise.race([pending, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
