import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import WebSocket from 'ws';
import type { Data } from './server.ts';

export type SocketMessage = { type: string; id?: string; payload?: Data };

export type GraphqlSocket = Awaited<ReturnType<typeof openGraphqlSocket>>;

/** A socket that speaks graphql-transport-ws by hand, for what a well-behaved client does not do. */
export async function openGraphqlSocket(
  server: { socketUrl: string },
  options: { token?: string | undefined; headers?: Record<string, string>; acknowledged?: boolean } = {},
) {
  const socket = new WebSocket(server.socketUrl, 'graphql-transport-ws', { headers: options.headers ?? {} });
  const received: SocketMessage[] = [];
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const waiter of [...waiting]) waiter();
  };
  socket.on('message', (text) => {
    received.push(JSON.parse(String(text)) as SocketMessage);
    wake();
  });
  // What goes wrong ends in `close`, which tells the code.
  socket.on('error', () => {});
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => {
      resolve({ code, reason: String(reason) });
      wake();
    });
  });
  onTestFinished(() => socket.terminate());

  /** The first message that is not taken yet and of one of the types. Throws when the socket closes before it comes. */
  function take(type: string | string[], id?: string): Promise<SocketMessage> {
    const types = [type].flat();
    return new Promise((resolve, reject) => {
      const look = () => {
        const index = received.findIndex(
          (message) => types.includes(message.type) && (id === undefined || message.id === id),
        );
        const [found] = index < 0 ? [] : received.splice(index, 1);
        if (!found && socket.readyState !== socket.CLOSED) return void waiting.add(look);
        waiting.delete(look);
        if (found) resolve(found);
        else reject(new Error(`The socket closed before "${types}" came; it had sent ${JSON.stringify(received)}.`));
      };
      look();
    });
  }

  const send = (message: object | string) =>
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  const subscribe = (id: string, query: string, variables: Record<string, unknown> = {}) =>
    send({ id, type: 'subscribe', payload: { query, variables } });

  await once(socket, 'open');
  send({
    type: 'connection_init',
    payload: options.token === undefined ? {} : { authorization: `Bearer ${options.token}` },
  });
  if (options.acknowledged !== false) await take('connection_ack');
  return { socket, closed, take, send, subscribe };
}
