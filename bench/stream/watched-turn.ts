import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { RunRequest } from './protocol.ts';

/** What all turns of a run write down. */
export type Tally = {
  tokens: number;
  frames: number;
  lagsMs: number[];
  firstsMs: number[];
  failures: string[];
};

const TEXT = '"text":"';
/** Sixteen digits of microseconds since the epoch, and a space. */
const MARK_LENGTH = 17;

export const epochMs = () => performance.timeOrigin + performance.now();

/** Starts a turn on a socket and reads its marks until it has ended. Never rejects: failures are tallied. */
export function watchTurn(socket: WebSocket, request: RunRequest, tally: Tally): Promise<void> {
  const id = randomUUID();
  const variables = { input: { turnKey: randomUUID(), text: 'Say when.', model: `openai/${request.model}` } };
  const started = epochMs();
  let tokens = 0;
  let rest = '';

  /** Joined text carries several marks, and a very long one may end inside of a mark. */
  function read(text: string, now: number): void {
    const marks = rest + text;
    let at = 0;
    for (; at + MARK_LENGTH <= marks.length; at += MARK_LENGTH) {
      tally.lagsMs.push(now - Number(marks.slice(at, at + MARK_LENGTH - 1)) / 1000);
      if (tokens === 0) tally.firstsMs.push(now - started);
      tokens += 1;
      tally.tokens += 1;
    }
    rest = marks.slice(at);
  }

  return new Promise((resolve) => {
    const end = (failure?: string) => {
      socket.off('message', onMessage).off('close', onClose);
      if (failure) tally.failures.push(failure);
      else if (tokens !== request.tokensPerTurn) {
        tally.failures.push(`${tokens} of ${request.tokensPerTurn} tokens came`);
      }
      resolve();
    };
    const onClose = (code: number) => end(`the socket closed with ${code} after ${tokens} tokens`);
    const onMessage = (data: Buffer) => {
      const now = epochMs();
      const frame = data.toString('latin1');
      const from = frame.indexOf(TEXT);
      if (from >= 0) {
        tally.frames += 1;
        const start = from + TEXT.length;
        read(frame.slice(start, frame.indexOf('"', start)), now);
      } else if (frame.includes('"type":"ping"')) socket.send('{"type":"pong"}');
      else if (frame.includes('"type":"complete"')) end();
      else if (frame.includes('"type":"error"') || frame.includes('TurnFailed') || frame.includes('"errors":[')) {
        end(frame.slice(0, 500));
      }
    };
    socket.on('message', onMessage).on('close', onClose);
    socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query: request.document, variables } }));
  });
}
