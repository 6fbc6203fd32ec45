// The process of all clients: each turn is begun at one server and watched there, and watched at another one as well.
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { answerParent } from '../support/answer-parent.ts';
import { quantile, sorted } from '../support/statistics.ts';

export type WatchRequest = {
  type: 'watch';
  owner: string;
  /** Null: nobody watches elsewhere. */
  other: string | null;
  token: string;
  document: string;
  turnDocument: string;
  model: string;
  turns: number;
  rampMs: number;
  /** Each token is its time of sending. */
  isMarked: boolean;
  /** Tokens that were sent before so much time had passed are counted as those of the beginning. */
  steadyAfterMs: number;
};

export type Lags = { p50: number; p99: number; count: number };
export type WatchAnswer = {
  /** While turns begin, and while none does. */
  owner: Lags;
  ownerSteady: Lags;
  other: Lags;
  otherSteady: Lags;
  textBytes: number;
  seconds: number;
  failures: string[];
};

export type CrowdRequest = {
  type: 'crowd';
  url: string;
  token: string;
  document: string;
  turnId: string;
  sockets: number;
  /** How many of the sockets watch the turn from its beginning. */
  watching: number;
};

export type VisitRequest = {
  type: 'visit';
  url: string;
  token: string;
  document: string;
  turnId: string;
  count: number;
};
export type LeaveRequest = { type: 'leave' };
export type WatchersQuestion = WatchRequest | CrowdRequest | VisitRequest | LeaveRequest;

/** Sixteen digits of microseconds since the epoch, and a space. */
const MARK_LENGTH = 17;
const TEXT = '"text":"';
/** What is told of before, by whoever has just come, is no live text. */
const SETTLED_MS = 500;
const AT_ONCE = 50;

const epochMs = () => performance.timeOrigin + performance.now();
let crowd: WebSocket[] = [];

function open(url: string, token: string): Promise<WebSocket> {
  const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false, skipUTF8Validation: true });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () => {
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
    });
    socket.once('message', () => resolve(socket));
  });
}

/** Reads a turn to its end on one socket. */
function follow(
  socket: WebSocket,
  query: string,
  variables: object,
  onText: (text: string) => void,
  onStarted = (_turnId: string) => {},
) {
  const id = randomUUID();
  return new Promise<void>((resolve, reject) => {
    let isFirst = true;
    socket.on('message', (data: Buffer) => {
      const frame = data.toString('latin1');
      if (!frame.includes(id)) {
        if (frame.includes('"type":"ping"')) socket.send('{"type":"pong"}');
        return;
      }
      if (isFirst) onStarted(/"turnId":"([^"]+)"/.exec(frame)?.[1] ?? '');
      isFirst = false;
      const from = frame.indexOf(TEXT);
      if (from >= 0) onText(frame.slice(from + TEXT.length, frame.indexOf('"', from + TEXT.length)));
      else if (frame.includes('"type":"complete"')) resolve();
      else if (frame.includes('"errors"') || frame.includes('TurnFailed')) reject(new Error(frame.slice(0, 300)));
    });
    socket.on('close', (code) => reject(new Error(`the socket closed with ${code}`)));
    socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables } }));
  });
}

async function watch(request: WatchRequest): Promise<WatchAnswer> {
  const lags = { owner: newSamples(), other: newSamples() };
  const steadyFrom = epochMs() + request.steadyAfterMs;
  const failures: string[] = [];
  let textBytes = 0;
  const begun = performance.now();
  const reader = (into: Samples, since: number) => {
    let rest = '';
    return (text: string) => {
      if (!request.isMarked) return;
      const now = epochMs();
      const marks = rest + text;
      let at = 0;
      for (; at + MARK_LENGTH <= marks.length; at += MARK_LENGTH) {
        const sent = Number(marks.slice(at, at + MARK_LENGTH - 1)) / 1_000;
        if (sent > since + SETTLED_MS) (sent > steadyFrom ? into.steady : into.beginning).push(now - sent);
      }
      rest = marks.slice(at);
    };
  };
  const one = async (index: number) => {
    await new Promise((resolve) => setTimeout(resolve, (request.rampMs * index) / request.turns));
    const variables = { input: { turnKey: randomUUID(), text: 'Say when.', model: request.model } };
    const own = await open(request.owner, request.token);
    const elsewhere = request.other === null ? null : await open(request.other, request.token);
    const readOwn = reader(lags.owner, epochMs());
    let second: Promise<void> = Promise.resolve();
    const count = (text: string) => {
      textBytes += text.length;
      readOwn(text);
    };
    await follow(own, request.document, variables, count, (turnId) => {
      const variables = { id: turnId, after: 0 };
      if (elsewhere) second = follow(elsewhere, request.turnDocument, variables, reader(lags.other, epochMs()));
    });
    await second;
    own.close();
    elsewhere?.close();
  };
  await Promise.all(
    Array.from({ length: request.turns }, (_, index) =>
      one(index).catch((error: unknown) => failures.push(String(error))),
    ),
  );
  const describe = (values: number[]): Lags => {
    const ordered = sorted(values);
    return { p50: quantile(ordered, 0.5), p99: quantile(ordered, 0.99), count: values.length };
  };
  const seconds = (performance.now() - begun) / 1_000;
  return {
    owner: describe(lags.owner.beginning),
    ownerSteady: describe(lags.owner.steady),
    other: describe(lags.other.beginning),
    otherSteady: describe(lags.other.steady),
    textBytes,
    seconds,
    failures,
  };
}

type Samples = { beginning: number[]; steady: number[] };
const newSamples = (): Samples => ({ beginning: [], steady: [] });

/** Opens sockets, and has some of them watch; answers when each of those has had something. */
async function gather({ url, token, document, turnId, sockets, watching }: CrowdRequest): Promise<number> {
  while (crowd.length < sockets) {
    const missing = Math.min(AT_ONCE, sockets - crowd.length);
    crowd.push(...(await Promise.all(Array.from({ length: missing }, () => open(url, token)))));
  }
  const first = crowd.slice(0, watching).map(
    (socket) =>
      new Promise<void>((resolve) => {
        follow(socket, document, { id: turnId, after: 0 }, () => resolve()).catch(() => {});
      }),
  );
  await Promise.all(first);
  return crowd.length;
}

async function visit({ url, token, document, turnId, count }: VisitRequest): Promise<number> {
  for (let done = 0; done < count; done += AT_ONCE) {
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        const socket = await open(url, token);
        await new Promise<void>((resolve) => {
          follow(socket, document, { id: turnId, after: 0 }, () => resolve()).catch(() => {});
        });
        socket.terminate();
      }),
    );
  }
  return count;
}

async function leave(): Promise<number> {
  const left = crowd;
  crowd = [];
  for (const socket of left) socket.terminate();
  return left.length;
}

function answer(question: WatchersQuestion): Promise<unknown> {
  switch (question.type) {
    case 'watch':
      return watch(question);
    case 'crowd':
      return gather(question);
    case 'visit':
      return visit(question);
    case 'leave':
      return leave();
  }
}

answerParent<WatchersQuestion>(answer);
