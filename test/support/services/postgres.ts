import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { findProgram, isExecutable, onPath, versionFolders } from './find-program.ts';
import { findFreePort } from './free-port.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import type { Service } from './service.ts';

const run = promisify(execFile);
const OLDEST_VERSION = 14;
const START_TIMEOUT_MS = 30_000;
const START_ATTEMPTS = 3;

type User = { uid: number; gid: number };
type Cluster = { binaries: string; folder: string; password: string; user: User | undefined };

/** A PostgreSQL server of the tests' own, in a folder that is removed with it. `url` is a superuser's. */
export async function startPostgres(): Promise<Service> {
  const binaries = dirname(await findPostgres());
  // The server's user may not be allowed into the temporary folder of root.
  const user = process.getuid?.() === 0 ? await findServerUser() : undefined;
  const folder = await mkdtemp(join(user ? '/tmp' : tmpdir(), 'colloquy-postgres-'));
  const cluster = { binaries, folder, password: randomBytes(16).toString('hex'), user };
  try {
    await initialise(cluster);
    const { server, url } = await startOnFreePort(cluster);
    const stop = async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    };
    return { url, stop };
  } catch (error) {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    throw error;
  }
}

function findPostgres(): Promise<string> {
  return findProgram({
    title: `PostgreSQL ${OLDEST_VERSION} or newer`,
    variable: 'TEST_DATABASE_URL',
    packages: ['postgresql'],
    candidates: () => [
      ...onPath('postgres'),
      ...versionFolders('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin/postgres`),
    ],
    async accept(path) {
      const { stdout } = await run(path, ['--version']);
      const major = Number(/\(PostgreSQL\) (\d+)/.exec(stdout)?.[1]);
      return major >= OLDEST_VERSION && isExecutable(join(dirname(path), 'initdb'));
    },
  });
}

/** PostgreSQL refuses to run as root. */
async function findServerUser(): Promise<User> {
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, name])));
      if (uid && gid) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    } catch {
      // No such user: the next one.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user "postgres" nor a user "nobody".');
}

async function initialise({ binaries, folder, password, user }: Cluster): Promise<void> {
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) {
    await chown(passwordFile, user.uid, user.gid);
    await chown(folder, user.uid, user.gid);
  }
  const locale = process.platform === 'linux' ? 'C.UTF-8' : 'en_US.UTF-8';
  const args = ['-D', 'data', '-U', 'colloquy', '-E', 'UTF8', `--locale=${locale}`, '--no-sync', '--no-instructions'];
  await run(join(binaries, 'initdb'), [...args, '--auth=scram-sha-256', `--pwfile=${passwordFile}`], {
    cwd: folder,
    ...user,
  });
}

async function startOnFreePort(cluster: Cluster): Promise<{ server: ServerProcess; url: string }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort();
    const server = startServer(cluster, port);
    const url = `postgresql://colloquy:${cluster.password}@127.0.0.1:${port}/postgres`;
    if (await waitUntilReady(server, url)) return { server, url };
    await server.stop();
    if (attempt === START_ATTEMPTS) throw new Error(`PostgreSQL did not start: ${server.output().trim()}`);
  }
}

/** The data is thrown away, so nothing is forced to the disk. */
function startServer({ binaries, folder, user }: Cluster, port: number): ServerProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '64MB',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    // No old write-ahead log, and no files from it that are made in advance.
    wal_level: 'minimal',
    max_wal_senders: 0,
    jit: 'off',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return startServerProcess({
    command: join(binaries, 'postgres'),
    args: ['-D', join(folder, 'data'), ...flags],
    cwd: folder,
    user,
    stopSignal: 'SIGQUIT',
  });
}

async function waitUntilReady(server: ServerProcess, url: string): Promise<boolean> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!server.exited() && Date.now() < deadline) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return true;
    } catch {
      await delay(50);
    } finally {
      await client.end().catch(() => {});
    }
  }
  return false;
}
