// The process of all clients: sockets that speak just enough of graphql-transport-ws, and read as little as they can.
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { answerParent } from '../support/answer-parent.ts';
import { quantile, sorted } from '../support/statistics.ts';
import type { ClientQuestion, RunAnswer, RunRequest } from './protocol.ts';
import { type Tally, watchTurn } from './watched-turn.ts';

const CONNECTING_AT_ONCE = 50;

let sockets: WebSocket[] = [];
let tally: Tally | null = null;

function connect(url: string, token: string): Promise<WebSocket> {
  const options = { perMessageDeflate: false, skipUTF8Validation: true };
  const socket = new WebSocket(url, 'graphql-transport-ws', options);
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () => {
      const payload = { authorization: `Bearer ${token}` };
      socket.send(JSON.stringify({ type: 'connection_init', payload }));
    });
    // The first message is the acknowledgement; a refusal closes the socket instead.
    socket.once('message', () => resolve(socket));
    socket.once('close', (code) => reject(new Error(`The server closed the socket with ${code}`)));
  });
}

async function connectAll(url: string, count: number, tokens: string[]): Promise<number> {
  while (sockets.length < count) {
    const next = Array.from({ length: Math.min(CONNECTING_AT_ONCE, count - sockets.length) }, (_, index) =>
      connect(url, tokens[(sockets.length + index) % tokens.length] ?? ''),
    );
    sockets.push(...(await Promise.all(next)));
  }
  return sockets.length;
}

async function run(request: RunRequest): Promise<RunAnswer> {
  const current: Tally = { tokens: 0, frames: 0, lagsMs: [], firstsMs: [], failures: [] };
  tally = current;
  const begun = performance.now();
  const timer = setTimeout(() => {
    current.failures.push(`the run was not over after ${request.deadlineMs} ms`);
    for (const socket of sockets) socket.terminate();
  }, request.deadlineMs);
  const turnOn = async (index: number) => {
    const socket = sockets[index];
    if (!socket) throw new Error(`There are only ${sockets.length} sockets.`);
    await watchTurn(socket, request, current);
  };
  if (request.sequential) {
    // One socket, one turn at a time: nobody waits for anybody.
    for (let turn = 0; turn < request.turns; turn += 1) await turnOn(0);
  } else {
    const startAt = async (index: number) => {
      await delay((request.rampMs * index) / request.turns);
      await turnOn(index);
    };
    await Promise.all(Array.from({ length: request.turns }, (_, index) => startAt(index)));
  }
  clearTimeout(timer);
  const lags = sorted(current.lagsMs);
  const firsts = sorted(current.firstsMs);
  const figures = {
    tokens: current.tokens,
    frames: current.frames,
    firstP50: quantile(firsts, 0.5),
    firstP99: quantile(firsts, 0.99),
    lagP50: quantile(lags, 0.5),
    lagP99: quantile(lags, 0.99),
    lagMax: quantile(lags, 1),
    seconds: (performance.now() - begun) / 1000,
  };
  return { figures, failures: current.failures };
}

async function disconnect(): Promise<number> {
  const closing = sockets;
  sockets = [];
  await Promise.all(
    closing.map(async (socket) => {
      if (socket.readyState === socket.CLOSED) return;
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.close(1000);
      await closed;
    }),
  );
  return closing.length;
}

function answer(question: ClientQuestion): unknown {
  switch (question.type) {
    case 'connect':
      return connectAll(question.url, question.count, question.tokens);
    case 'run':
      return run(question);
    case 'progress':
      return tally?.tokens ?? 0;
    case 'disconnect':
      return disconnect();
  }
}

answerParent<ClientQuestion>(answer);
