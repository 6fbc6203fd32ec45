import { AppError } from '../errors.ts';
import { unauthorized } from '../graphql/require-viewer.ts';
import type { Viewer } from '../services/accounts/viewer.ts';
import { type AccessDependencies, watchBegun } from './access.ts';
import type { Exchange } from './exchange.ts';

export type UploadLimits = {
  /** How long a client may send nothing. */
  idleMs: number;
  /** Slower ones than this, on the whole, are given up. */
  minBytesPerSecond: number;
  /** Requests of one user that are being received. */
  perUser: number;
};

export const UPLOAD_LIMITS: UploadLimits = { idleMs: 60_000, minBytesPerSecond: 4_096, perUser: 6 };

const CHECKS_PER_IDLE = 6;
const RETRY_SECONDS = 5;
const MAX_TIMER_MS = 2_147_483_647;

export type BodyReceiver = ReturnType<typeof createBodyReceiver>;

/**
 * Receives the bodies of uploads: those that say that they are too large are refused before they are sent, those that
 * fall silent, are cut off, or lose their access meanwhile are aborted. A living one takes as long as it takes.
 */
export function createBodyReceiver(deps: AccessDependencies & { limits?: UploadLimits }) {
  const limits = deps.limits ?? UPLOAD_LIMITS;
  const running = new Map<string, number>();

  function enter({ userId }: Viewer): () => void {
    const count = running.get(userId) ?? 0;
    if (count >= limits.perUser) throw tooMany(limits.perUser);
    running.set(userId, count + 1);
    return () => {
      const left = (running.get(userId) ?? 1) - 1;
      if (left > 0) running.set(userId, left);
      else running.delete(userId);
    };
  }

  return async function receiveBody<Received>(
    exchange: Exchange,
    viewer: Viewer,
    maxBytes: number,
    read: (signal: AbortSignal) => Promise<Received>,
  ): Promise<Received> {
    const { headers } = exchange.request;
    if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
    if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw encoded();
    const leave = enter(viewer);
    const broken = new AbortController();
    const stop = watchProgress(exchange, limits, maxBytes, (reason) => broken.abort(reason));
    const release = watchBegun(deps, viewer, () =>
      broken.abort(unauthorized({ viewer: null, credentialRefused: viewer.credential.type })),
    );
    try {
      exchange.proceed();
      return await read(broken.signal);
    } finally {
      release();
      stop();
      leave();
    }
  };
}

/** Judges by what has come over the connection, not by what has been read: a disk that is slow is not the client's fault. */
function watchProgress(
  { request }: Exchange,
  { idleMs, minBytesPerSecond }: UploadLimits,
  maxBytes: number,
  fail: (reason: unknown) => void,
): () => void {
  const { socket } = request;
  let seen = socket.bytesRead;
  let silentChecks = 0;
  const check = () => {
    silentChecks = socket.bytesRead === seen && !request.isPaused() ? silentChecks + 1 : 0;
    seen = socket.bytesRead;
    if (silentChecks >= CHECKS_PER_IDLE && !request.complete) fail(tooSlow());
  };
  const onClose = () => {
    if (!request.complete) fail(new Error('The client has left.'));
  };
  const timer = setInterval(check, idleMs / CHECKS_PER_IDLE);
  const totalMs = idleMs + (maxBytes / minBytesPerSecond) * 1_000;
  const deadline = setTimeout(() => fail(tooSlow()), Math.min(totalMs, MAX_TIMER_MS));
  request.on('close', onClose);
  return () => {
    clearInterval(timer);
    clearTimeout(deadline);
    request.off('close', onClose);
  };
}

function tooLarge(maxBytes: number): AppError {
  const most = Math.floor(maxBytes / 1_048_576);
  return new AppError({ code: 'PAYLOAD_TOO_LARGE', message: `An upload may have at most ${most} MB.` });
}

function tooSlow(): AppError {
  return new AppError({
    code: 'UNAVAILABLE',
    message: 'The upload came too slowly and was given up. Try again.',
    retryable: true,
  });
}

function tooMany(most: number): AppError {
  return new AppError({
    code: 'RATE_LIMITED',
    message: `At most ${most} uploads can be on their way at a time. Wait until one is done.`,
    retryAfterSeconds: RETRY_SECONDS,
    retryable: true,
  });
}

function encoded(): AppError {
  return new AppError({
    code: 'UNSUPPORTED_MEDIA_TYPE',
    message: 'Send the bytes as they are, without a Content-Encoding.',
  });
}
