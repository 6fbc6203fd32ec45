import type { ServerResponse } from 'node:http';
import { epochMicroseconds, type StreamPlan } from './stream-plan.ts';
import type { TimerWheel } from './timer-wheel.ts';

/** How a provider writes a plan down. Each text is whole events, ends of lines included. */
export type Wire = {
  contentType: string;
  head(plan: StreamPlan, model: string): string;
  token(plan: StreamPlan, model: string, text: string): string;
  reasoning(plan: StreamPlan, model: string, text: string): string;
  tail(plan: StreamPlan, model: string): string;
  malformed(plan: StreamPlan): string;
  error(plan: StreamPlan, error: object | string): string;
  ping: string;
};

type Encoded = { head: string; frames: string[]; tail: string; before: string; after: string };

const MARK = '@time@';
const encodings = new WeakMap<StreamPlan, Map<string, Encoded>>();

/** Built once per plan and model: a benchmark sends the same frames a million times. */
function encode(wire: Wire, plan: StreamPlan, model: string): Encoded {
  const key = `${wire.contentType} ${model}`;
  const known = encodings.get(plan) ?? new Map<string, Encoded>();
  encodings.set(plan, known);
  const found = known.get(key);
  if (found) return found;
  const frames = [
    ...(plan.reasoning ?? []).map((text) => wire.reasoning(plan, model, text)),
    ...(plan.tokens ?? []).map((text) => (plan.timestamped ? '' : wire.token(plan, model, text))),
  ];
  const [before = '', after = ''] = wire.token(plan, model, `${MARK} `).split(MARK);
  const encoded = { head: wire.head(plan, model), frames, tail: wire.tail(plan, model), before, after };
  known.set(key, encoded);
  return encoded;
}

/** The stream's body as it would be sent, with every fault inside it but none of its silences. */
function wholeBody(wire: Wire, plan: StreamPlan, model: string): Buffer {
  if (plan.replay !== undefined) return Buffer.from(plan.replay);
  const { head, frames, tail } = encode(wire, plan, model);
  return Buffer.from(head + frames.join(plan.pings ? wire.ping : '') + tail);
}

async function playPieces(response: ServerResponse, body: Buffer, plan: StreamPlan): Promise<void> {
  const cuts = plan.splitAt ? [...plan.splitAt] : [];
  if (plan.pieceSize) for (let at = plan.pieceSize; at < body.length; at += plan.pieceSize) cuts.push(at);
  let from = 0;
  for (const to of [...cuts, body.length]) {
    const piece = body.subarray(from, to);
    from = to;
    if (piece.length === 0) continue;
    await new Promise((resolve) => response.write(piece, resolve));
    // Lets the client read this piece before the next one joins it in the socket.
    await new Promise((resolve) => setImmediate(resolve));
    if (response.closed) return;
  }
  response.end();
}

/** Sends a plan as a streamed answer. Settles when all is sent, or when the client is gone. */
export async function playPlan(options: {
  response: ServerResponse;
  wire: Wire;
  plan: StreamPlan;
  model: string;
  wheel: TimerWheel;
}): Promise<void> {
  const { response, wire, plan, model, wheel } = options;
  const wait = (delayMs: number) =>
    new Promise<void>((resolve) => {
      const entry = wheel.at(performance.now() + delayMs, () => {
        response.off('close', onClose);
        resolve();
      });
      const onClose = () => {
        entry.cancel();
        resolve();
      };
      response.once('close', onClose);
    });

  const drained = () =>
    new Promise<void>((resolve) => {
      const settle = () => {
        response.off('drain', settle).off('close', settle);
        resolve();
      };
      response.on('drain', settle).on('close', settle);
    });

  if (plan.fault?.type === 'never') return;
  if (plan.firstByteDelayMs) await wait(plan.firstByteDelayMs);
  if (response.closed) return;
  response.writeHead(200, { 'content-type': plan.contentType ?? wire.contentType, 'cache-control': 'no-cache' });
  if (plan.replay !== undefined || plan.pieceSize || plan.splitAt) {
    return playPieces(response, wholeBody(wire, plan, model), plan);
  }

  const { head, frames, tail, before, after } = encode(wire, plan, model);
  const { fault } = plan;
  const faultAt = fault && 'after' in fault ? Math.min(fault.after, frames.length) : -1;
  const interval = plan.intervalMs ?? 0;
  let sent = 0;
  const take = (count: number) => {
    let text = '';
    for (let index = 0; index < count; index++, sent++) {
      text += frames[sent] || before + epochMicroseconds() + after;
      if (plan.pings) text += wire.ping;
    }
    return text;
  };
  /** Sends up to a position, at the plan's pace. */
  const sendTo = async (end: number) => {
    if (interval <= 0) {
      for (let writes = 1; sent < end && !response.closed; writes++) {
        const room = response.write(take(Math.min(plan.tokensPerWrite ?? 1, end - sent)));
        if (!room) await drained();
        else if (writes % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      return;
    }
    if (sent >= end) return;
    await new Promise<void>((resolve) => {
      const start = performance.now() - sent * interval;
      const step = () => {
        if (response.closed) return resolve();
        const due = Math.min(Math.floor((performance.now() - start) / interval) + 1, end) - sent;
        const room = due <= 0 || response.write(take(due));
        if (sent >= end) return resolve();
        if (room) wheel.at(start + sent * interval, step);
        else void drained().then(step);
      };
      step();
    });
  };

  if (head) response.write(head);
  else response.flushHeaders();
  if (plan.firstTokenDelayMs) await wait(plan.firstTokenDelayMs);
  if (faultAt >= 0 && fault) {
    await sendTo(faultAt);
    if (response.closed || fault.type === 'silent') return;
    if (fault.type === 'cut') {
      if (fault.graceful) return void response.end();
      // An empty write whose callback says that what came before is out.
      await new Promise((resolve) => response.write(wire.ping, resolve));
      return void response.destroy();
    }
    if (fault.type === 'error') return void response.end(wire.error(plan, fault.error));
    response.write(wire.malformed(plan));
  }
  await sendTo(frames.length);
  if (!response.closed) response.end(tail);
}
