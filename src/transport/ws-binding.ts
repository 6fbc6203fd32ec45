import { makeServer, type ServerOptions } from 'graphql-ws';
import type { WebSocket, WebSocketServer } from 'ws';

export type BindingOptions<Extra> = {
  protocol: ServerOptions<Record<string, unknown>, Extra>;
  /** How often sockets are asked whether they are there; one that has not answered by the next time is gone. */
  keepAliveMs: number;
  /** Faults of this server. What a client does wrong only closes its socket. */
  logError: (error: unknown) => void;
};

/** Retried by clients, unlike the protocol's own code for an internal error. */
const INTERNAL_ERROR = 1011;
const GOING_AWAY = 1001;

/** Speaks the graphql-transport-ws protocol on the sockets of a server. One timer serves them all. */
export function bindSockets<Extra extends { socket: WebSocket }>(
  server: WebSocketServer,
  { protocol, keepAliveMs, logError }: BindingOptions<Extra>,
) {
  const speaker = makeServer(protocol);
  const silent = new WeakSet<WebSocket>();

  const keepAlive = setInterval(() => {
    for (const socket of server.clients) {
      if (silent.has(socket)) socket.terminate();
      else if (socket.readyState === socket.OPEN) {
        silent.add(socket);
        socket.ping();
      }
    }
  }, keepAliveMs);

  function open(extra: Extra): void {
    const { socket } = extra;
    // A frame that is too large or malformed: `ws` closes the socket with the code that says so.
    socket.on('error', () => {});
    socket.on('pong', () => silent.delete(socket));
    const closed = speaker.opened(
      {
        protocol: socket.protocol,
        send: (data) => send(socket, data),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (handle) => {
          socket.on('message', (data) => {
            // Whoever speaks is there, whatever became of the pong.
            silent.delete(socket);
            handle(String(data)).catch((error: unknown) => {
              logError(error);
              socket.close(INTERNAL_ERROR, 'Internal error');
            });
          });
        },
      },
      extra,
    );
    socket.once('close', (code, reason) => closed(code, String(reason)));
  }

  return {
    open,
    /** Closes every socket with 1001 and waits until they are closed, at most `graceMs`. */
    async dispose(graceMs: number): Promise<void> {
      clearInterval(keepAlive);
      for (const socket of server.clients) socket.close(GOING_AWAY, 'Going away');
      const timer = setTimeout(() => {
        for (const socket of server.clients) socket.terminate();
      }, graceMs);
      await new Promise<void>((resolve) => server.close(() => resolve()));
      clearTimeout(timer);
    },
  };
}

/** Resolves when the data has left for the kernel, which is how a slow reader holds its operations back. */
function send(socket: WebSocket, data: string): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState !== socket.OPEN) resolve();
    // A failure means that the socket is closing; its `close` ends the operations.
    else socket.send(data, () => resolve());
  });
}
