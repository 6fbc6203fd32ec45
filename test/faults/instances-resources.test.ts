import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Redis } from 'ioredis';
import { expect, inject, it, onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { openPostgresDatabase } from '../../src/adapters/db/open-database.ts';
import { createPostgresDatabase } from '../support/database.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startRedis } from '../support/services/redis.ts';
import { chatInput, SEND, STOP, TURN } from '../support/turns.ts';
import { paced, startTwoInstances } from '../support/two-instances.ts';

const WARM_UP = 300;
const RECONNECTS = 1_000;
const AT_ONCE = 20;

const openFiles = async (pid: number | undefined) => (await readdir(`/proc/${pid}/fd`)).length;

/** What JavaScript holds once everything that can go is gone. */
function heapMb(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 4; round++) collect();
  return process.memoryUsage().heapUsed / 1_048_576;
}

/** Watches until something has come, and leaves in one of the ways in which clients do. */
async function comeAndGo(server: { socketUrl: string }, token: string, turnId: string, way: number): Promise<void> {
  const socket = new WebSocket(server.socketUrl, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: TURN, variables: { id: turnId } } }));
  await once(socket, 'message');
  if (way % 3 === 1) socket.send(JSON.stringify({ id: '1', type: 'complete' }));
  if (way % 3 === 0) socket.terminate();
  else socket.close();
  if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close');
}

it.runIf(process.platform === 'linux')(
  'a thousand reconnects leave files and Redis as they were, where the turn runs and where it is mirrored',
  async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const plans = { endless: paced(20_000, 400_000) };
    const { servers, here, token, data } = await startTwoInstances({ plans, redisUrl: redis.url });
    const client = new Redis(redis.url);
    onTestFinished(() => client.disconnect());
    const { sendMessage } = await data(here, SEND, { input: chatInput('endless') });
    const connections = async () =>
      String(await client.client('LIST'))
        .trim()
        .split('\n').length;
    const channels = async () => ((await client.pubsub('CHANNELS')) as string[]).length;
    const [idleConnections, idleChannels] = [await connections(), await channels()];
    const visit = async (count: number) => {
      let left = count;
      let most = 0;
      const lane = async () => {
        while (left > 0) {
          left -= 1;
          await comeAndGo(servers[left % 2] as ServerProcess, token, sendMessage.id, left);
          if (left % 100 === 0) most = Math.max(most, await connections());
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, lane));
      return most;
    };
    await visit(WARM_UP);
    await expect.poll(channels).toBe(idleChannels);
    const before = await Promise.all(servers.map(({ child }) => openFiles(child.pid)));
    const most = await visit(RECONNECTS);
    // One more, which reads the other's journal, however many turns and watchers there are.
    expect(most).toBeLessThanOrEqual(idleConnections + 1);
    await expect.poll(channels).toBe(idleChannels);
    await expect.poll(connections).toBe(idleConnections);
    for (const [index, server] of servers.entries()) {
      await expect.poll(() => openFiles(server.child.pid)).toBeLessThanOrEqual((before[index] ?? 0) + 2);
    }
    await data(here, STOP, { id: sendMessage.id });
    expect(await Promise.all(servers.map((server) => server.end('SIGTERM')))).toEqual([0, 0]);
    // Nothing stays that nobody needs: who ends in order takes its journal along.
    expect((await client.keys('*')).filter((key) => key.includes('journal'))).toEqual([]);
  },
  180_000,
);

it('a thousand reconnects leave nothing in the memory of either server, and none of their counts', async () => {
  const { url, drop } = await createPostgresDatabase();
  onTestFinished(drop);
  const upstream = await startScriptedUpstream({ plans: { endless: paced(20_000, 400_000) } });
  onTestFinished(() => upstream.close());
  const environment = { REDIS_URL: inject('redisUrl'), REDIS_KEY_PREFIX: `test-${randomUUID()}` };
  const start = async () => {
    const database = await openPostgresDatabase(url, { poolSize: 5, prepare: true });
    return startTestServer({ openAiUrl: upstream.url, environment, overrides: { database } });
  };
  const servers = [await start(), await start()];
  const [here] = servers as [TestServer];
  const user = await here.register();
  const { sendMessage } = await here.data(SEND, { input: chatInput('endless') }, user.token);
  const listeners = () => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  const visit = async (count: number) => {
    for (let done = 0; done < count; done += AT_ONCE) {
      const some = Array.from({ length: AT_ONCE }, (_, index) =>
        comeAndGo(servers[index % 2] as TestServer, user.token, sendMessage.id, done + index),
      );
      await Promise.all(some);
    }
    for (const { app } of servers) {
      await expect.poll(() => app.load()).toMatchObject({ sockets: 0, turnStreams: 0 });
    }
  };
  await visit(WARM_UP);
  const before = { heap: heapMb(), listeners: listeners() };
  await visit(RECONNECTS);
  // The answer itself grows meanwhile: by some kilobytes.
  await expect.poll(heapMb).toBeLessThan(before.heap + 3);
  expect(listeners()).toBe(before.listeners);
  expect(here.app.load().runningTurns).toBe(1);
  await here.data(STOP, { id: sendMessage.id }, user.token);
}, 180_000);
