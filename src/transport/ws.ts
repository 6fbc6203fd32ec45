import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
} from 'graphql';
import { handleProtocols } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { AppError } from '../errors.ts';
import type { Context as OperationContext } from '../graphql/context.ts';
import { presentError } from '../graphql/errors.ts';
import type { OpenCount } from '../util/open-count.ts';
import { cut } from '../util/text.ts';
import { type AccessDependencies, watchAccess } from './access.ts';
import type { OperationAdmission } from './admission.ts';
import type { ClientAddress } from './client-address.ts';
import { socketCredentialOf } from './credentials.ts';
import type { createDocuments } from './documents.ts';
import type { OperationMetrics } from './operation-metrics.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import type { ContextFactory } from './request-context.ts';
import { openSubscription } from './subscription.ts';
import { bindSockets } from './ws-binding.ts';
import { streamToSocket } from './ws-subscription.ts';

export type SocketDependencies = AccessDependencies & {
  schema: GraphQLSchema;
  documents: ReturnType<typeof createDocuments>;
  createContext: ContextFactory;
  admission: OperationAdmission;
  addressOf: ClientAddress;
  isAllowedOrigin: (request: IncomingMessage) => boolean;
  /** The subscriptions to turns that are open, over any transport. */
  turnStreams: OpenCount;
  operations: OperationMetrics;
  logError: (error: unknown) => void;
};

const MAX_PAYLOAD_BYTES = 1_048_576;
const MAX_OPERATIONS_PER_SOCKET = 100;
/**
 * How long a socket's viewer is taken as known. What ends the access closes the socket by itself; this bounds what a
 * lost message about it could do.
 */
const VIEWER_FRESH_MS = 5_000;
/** How long watchers of turns that have ended get to hear so, before their sockets are closed. */
const DRAIN_MS = 2_000;
/** How long clients have to answer that they are closed. Some are there no more, and would be waited for. */
const CLOSE_GRACE_MS = 1_000;
const KEEP_ALIVE_MS = 12_000;
/** Retried by clients, with new credentials; 4401 is not. */
const FORBIDDEN = 4403;
/** What the client has sent cannot be meant. */
const BAD_REQUEST = 4400;
/** Of a close frame. */
const MAX_REASON_BYTES = 123;
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;

type Extra = {
  socket: WebSocket;
  request: IncomingMessage;
  /** Where it was opened from: once it is closed, it does not say any more. */
  ip: string | null;
  release?: () => void;
  known?: { context: OperationContext; at: number } | undefined;
};
/** What `onSubscribe` hands to `subscribe`, which has no other way to learn it. */
type SocketOperation = ExecutionArgs & { socket: WebSocket; operationId: string };

/** GraphQL over WebSocket, in the graphql-transport-ws protocol. */
export function createSocketServer(deps: SocketDependencies) {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_PAYLOAD_BYTES,
    perMessageDeflate: false,
    handleProtocols,
  });
  /** The turns that each socket watches. */
  const watching = new Map<WebSocket, number>();
  let draining = false;

  /** Returns what says that the watch is over. */
  function beginWatch(socket: WebSocket): () => void {
    const closed = deps.turnStreams.open();
    watching.set(socket, (watching.get(socket) ?? 0) + 1);
    let isOver = false;
    return () => {
      closed();
      if (isOver) return;
      isOver = true;
      const left = (watching.get(socket) ?? 1) - 1;
      if (left > 0) watching.set(socket, left);
      else watching.delete(socket);
      // Its `complete` is about to be sent.
      if (left === 0 && draining) setImmediate(leaveIfIdle, socket);
    };
  }

  function leaveIfIdle(socket: WebSocket): void {
    if (!watching.has(socket)) socket.close(GOING_AWAY, 'Going away');
  }

  const present = (error: unknown) => presentError(error, deps.logError);
  const presentResult = (result: ExecutionResult): ExecutionResult =>
    result.errors ? { ...result, errors: result.errors.map(present) } : result;

  /** A context for each operation, with a viewer who was looked up a moment ago at most. */
  async function contextOf(parameters: Record<string, unknown> | undefined, extra: Extra): Promise<OperationContext> {
    const now = performance.now();
    if (!extra.known || now - extra.known.at > VIEWER_FRESH_MS) {
      const context = await deps.createContext(socketCredentialOf(parameters, extra.request), undefined, extra.ip);
      extra.known = { context, at: now };
    }
    return { ...extra.known.context };
  }

  const sockets = bindSockets<Extra>(server, {
    keepAliveMs: KEEP_ALIVE_MS,
    logError: deps.logError,
    protocol: {
      async onConnect({ connectionParams, extra }) {
        const context = await deps.admission
          .connect(extra.ip)
          .then(() => contextOf(connectionParams, extra))
          .catch((error: unknown) => {
            // Thrown on, it would be 4500, which clients never retry.
            refuse(extra.socket, error);
            return null;
          });
        if (!context) return false;
        if (context.credentialRefused) return false;
        if (context.viewer) {
          const close = () => extra.socket.close(FORBIDDEN, 'Forbidden');
          extra.release = watchAccess(deps, context.viewer, close);
          // Looked at again, now that an end would be heard of: one between the first look and this was not.
          extra.known = undefined;
          await deps.bus.settled();
          const { credentialRefused } = await contextOf(connectionParams, extra).catch(() => context);
          // The socket may have gone while the credentials were looked up.
          if (credentialRefused || extra.socket.readyState !== extra.socket.OPEN) extra.release();
          if (credentialRefused) return false;
        }
        return true;
      },
      onClose({ extra }) {
        extra.release?.();
      },
      async onSubscribe({ connectionParams, extra, subscriptions }, operationId, { query, variables, operationName }) {
        if (Object.keys(subscriptions).length > MAX_OPERATIONS_PER_SOCKET) {
          return [new GraphQLError(`A socket has at most ${MAX_OPERATIONS_PER_SOCKET} operations at a time.`)].map(
            present,
          );
        }
        const context = await contextOf(connectionParams, extra)
          .then(async (known) => {
            await deps.admission.count(known);
            return known;
          })
          .catch(present);
        if (context instanceof GraphQLError) return [context];
        const { document, errors } = deps.documents(query);
        if (errors) return errors.map(present);
        // Its access may have ended: who does not answer the close could go on sending until it times out.
        if (extra.socket.readyState !== extra.socket.OPEN) return [new GraphQLError('This socket is closing.')];
        const operation: SocketOperation = {
          schema: deps.schema,
          document,
          variableValues: variables,
          operationName,
          contextValue: context,
          hideSuggestions: deps.documents.hideSuggestions,
          socket: extra.socket,
          operationId,
        };
        return operation;
      },
      async execute(args) {
        const result = await execute(args);
        deps.operations.count(
          getOperationAST(args.document, args.operationName)?.operation ?? 'invalid',
          result.errors,
        );
        return presentResult(result);
      },
      async subscribe(args) {
        const { socket, operationId, ...operation } = args as SocketOperation;
        const opened = await openSubscription(operation, deps.operations);
        if (!('source' in opened)) return presentResult(opened);
        const presented = { ...opened, execute: async (event: unknown) => presentResult(await opened.execute(event)) };
        // Only turns end by themselves; a closing server waits for those.
        const watchClosed = opened.selection ? beginWatch(socket) : () => {};
        const closed = () => {
          watchClosed();
          opened.closed();
        };
        return streamToSocket(presented, socket, operationId, (error) => ({ errors: [present(error)] }), closed);
      },
    },
  });

  return {
    /** Takes over an HTTP connection that asks to become a socket. */
    upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void {
      if (!deps.isAllowedOrigin(request)) {
        refuseUpgrade(connection, '403 Forbidden');
        return;
      }
      server.handleUpgrade(request, connection, head, (socket) =>
        sockets.open({ socket, request, ip: deps.addressOf(request) }),
      );
    },
    socketCount: () => server.clients.size,
    /** Lets those go that watch no turn, and the others when they have seen its end: new turns begin elsewhere. */
    drain(): void {
      draining = true;
      for (const socket of server.clients) leaveIfIdle(socket);
    },
    /** Closes every socket with 1001: clients come back elsewhere or later. */
    dispose: async () => {
      await deps.turnStreams.whenNone(DRAIN_MS);
      // The last of them has ended just now, and its `complete` is about to be sent.
      await new Promise((resolve) => setImmediate(resolve));
      await sockets.dispose(CLOSE_GRACE_MS);
    },
  };
}

/** Credentials that cannot be looked up: because of the client, or because the server cannot do it now. */
function refuse(socket: WebSocket, error: unknown): void {
  if (error instanceof AppError && error.code === 'BAD_USER_INPUT') {
    socket.close(BAD_REQUEST, cut(error.message, MAX_REASON_BYTES));
  } else socket.close(TRY_AGAIN_LATER, 'Try again later');
}
