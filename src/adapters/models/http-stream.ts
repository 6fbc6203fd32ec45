import { type Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Faults, ProviderFault } from '../../util/provider-fault.ts';
import { createLineSplitter } from './line-splitter.ts';
import type { ModelLimits } from './model-limits.ts';
import { PartQueue } from './part-queue.ts';

/** Reads a provider's lines into the queue. It reports its own trouble with `queue.fail`. */
export type StreamDecoder = {
  line(line: string): void;
  /** The stream is over, perhaps inside a line: finishes the queue if the answer is whole, else leaves it open. */
  end(begun: string): void;
  /** A complete answer in one JSON, from a server that does not stream. */
  whole(body: string): void;
  /** All of the answer is here; only counts or the end mark are missing. */
  readonly answered: boolean;
};

export type StreamSource = {
  url: URL;
  headers: Record<string, string>;
  body: string;
  model: string;
  createDecoder(queue: PartQueue): StreamDecoder;
};

export type ProviderStream = {
  queue: PartQueue;
  /** To be called after each part taken: lets a paused provider go on. */
  taken(): void;
  /** Ends everything. A connection whose answer is complete goes back to the pool; any other is closed. */
  close(): void;
};

/** Above this the provider is not read any further until the reader has caught up. */
const MOST_WAITING_CHARACTERS = 256 * 1024;
const LONGEST_ERROR_BODY = 64 * 1024;
const LONGEST_WHOLE_BODY = 16 * 1024 * 1024;
/** How long what is left may take once the news is known: the counts after an answer, the body of a refusal. */
const REST_MS = 5_000;

/** Gives the body to `done`, once: whole, up to `most` bytes, or what there is when the returned function is called. */
function collect(response: IncomingMessage, most: number, done: (body: string) => void): () => void {
  const chunks: Buffer[] = [];
  let size = 0;
  let over = false;
  const finish = () => {
    if (over) return;
    over = true;
    done(Buffer.concat(chunks).toString('utf8'));
  };
  response.on('data', (chunk: Buffer) => {
    if (over) return;
    chunks.push(chunk);
    size += chunk.length;
    if (size > most) finish();
  });
  response.on('end', finish).on('error', finish).on('close', finish);
  return finish;
}

/** One attempt at a streamed answer. Failures come out of the queue as ProviderFault. */
export function openHttpStream(options: {
  source: StreamSource;
  agent: Agent;
  limits: ModelLimits;
  faults: Faults;
  /** Of `performance.now()`. */
  deadline: number;
  signal: AbortSignal;
}): ProviderStream {
  const { source, agent, limits, faults, deadline, signal } = options;
  const queue = new PartQueue();
  const decoder = source.createDecoder(queue);
  const splitter = createLineSplitter(decoder.line, () => fail(faults.malformed()));
  let request: ClientRequest;
  let response: IncomingMessage | undefined;
  let closed = false;
  let tokens = 0;
  let endOfRest: () => void = over;

  // One timer for all limits, armed again only when the phase changes or it finds that there is time left.
  let phase: 'connect' | 'first-token' | 'idle' | 'rest' = 'connect';
  let lastSign = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const limitOf = () =>
    phase === 'connect'
      ? limits.connectMs
      : phase === 'first-token'
        ? limits.firstTokenMs
        : phase === 'idle'
          ? limits.idleMs
          : Math.min(REST_MS, limits.idleMs);
  const arm = () => {
    clearTimeout(timer);
    if (closed) return;
    const wait = Math.min(lastSign + limitOf(), deadline) - performance.now();
    timer = setTimeout(check, Math.max(1, Math.ceil(wait)));
  };
  const enter = (next: typeof phase) => {
    phase = next;
    lastSign = performance.now();
    arm();
  };
  function check(): void {
    const now = performance.now();
    if (now < deadline && (now < lastSign + limitOf() || queue.size > 0)) {
      // While parts wait, the silence is the reader's and not the provider's.
      if (queue.size > 0) lastSign = now;
      arm();
    } else if (phase === 'rest') endOfRest();
    else if (now >= deadline) fail(faults.tooLong(limits.totalMs));
    else fail(phase === 'connect' ? faults.connectTimeout(limits.connectMs) : faults.silent(limitOf()));
  }

  function fail(fault: ProviderFault): void {
    queue.fail(fault);
    close();
  }

  /** No more bytes will come: the decoder knows whether that was an answer. */
  function over(): void {
    if (closed) return;
    decoder.end(splitter.end());
    if (!queue.ended) queue.fail(faults.cut());
    close();
  }

  function onData(chunk: Buffer): void {
    splitter.write(chunk);
    if (closed) return;
    if (decoder.answered) {
      if (phase !== 'rest') enter('rest');
    } else if (queue.added !== tokens) {
      // Pings and empty events are no tokens: a model that only sends those is silent.
      tokens = queue.added;
      if (phase === 'idle') lastSign = performance.now();
      else enter('idle');
    }
    if (queue.size > MOST_WAITING_CHARACTERS) response?.pause();
  }

  function onResponse(message: IncomingMessage): void {
    response = message;
    const status = message.statusCode ?? 0;
    const type = message.headers['content-type'] ?? '';
    if (status < 200 || status > 299) {
      endOfRest = collect(message, LONGEST_ERROR_BODY, (body) =>
        fail(faults.status(status, { model: source.model, body, headers: message.headers })),
      );
      enter('rest');
    } else if (type.includes('text/html')) {
      fail(faults.notAnApi());
    } else if (/^application\/json\b/.test(type)) {
      collect(message, LONGEST_WHOLE_BODY, (body) => {
        if (!message.complete) return over();
        decoder.whole(body);
        over();
      });
    } else {
      message.on('data', onData).on('end', over).on('error', over).on('close', over);
    }
  }

  function send(reuse: boolean): void {
    const options = {
      method: 'POST',
      agent: reuse ? agent : false,
      headers: { ...source.headers, 'accept-encoding': 'identity', 'content-length': Buffer.byteLength(source.body) },
    };
    request = source.url.protocol === 'https:' ? httpsRequest(source.url, options) : httpRequest(source.url, options);
    const sent = request;
    sent.on('response', onResponse);
    sent.on('socket', (socket) => {
      const connected = () => phase === 'connect' && enter('first-token');
      if (sent.reusedSocket || !socket.connecting) return connected();
      socket.once(source.url.protocol === 'https:' ? 'secureConnect' : 'connect', connected);
    });
    sent.on('error', (error: NodeJS.ErrnoException) => {
      if (closed || sent !== request) return;
      // The provider may close an idle connection just as it is used again: that is no fault of its, so ask afresh.
      if (sent.reusedSocket && !response && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) {
        enter('connect');
        return send(false);
      }
      if (response) over();
      else fail(faults.connection(error.code ?? 'unknown'));
    });
    sent.end(source.body);
  }

  function close(): void {
    if (closed) return;
    closed = true;
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    if (response?.complete) response.resume();
    else request.destroy();
  }

  function onAbort(): void {
    queue.cancel();
    close();
  }

  send(true);
  if (signal.aborted) onAbort();
  else {
    signal.addEventListener('abort', onAbort);
    arm();
  }

  return {
    queue,
    taken() {
      if (queue.size > 0 || !response?.isPaused()) return;
      lastSign = performance.now();
      response.resume();
    },
    close,
  };
}
