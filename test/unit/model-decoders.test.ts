import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createChatCompletionDecoder } from '../../src/adapters/models/chat-completion-decoder.ts';
import { createLineSplitter } from '../../src/adapters/models/line-splitter.ts';
import { createOllamaDecoder } from '../../src/adapters/models/ollama-decoder.ts';
import { PartQueue } from '../../src/adapters/models/part-queue.ts';
import type { ModelPart } from '../../src/ports/language-model.ts';
import { createFaults, ProviderFault } from '../../src/util/provider-fault.ts';

// Streams in the shapes that the servers send, with what is to be read from them.
const FOLDER = new URL('../fixtures/providers/', import.meta.url);
const faults = createFaults('openai', []);

type Outcome = { text: string; reasoning: string; reason: string | null; usage: unknown; fault: string | null };

/** Decodes pieces; `greedy` takes what waits after each of them, otherwise all is taken at the end. */
async function decode(pieces: Buffer[], kind: 'sse' | 'ndjson', greedy: boolean): Promise<Outcome> {
  const queue = new PartQueue();
  const decoder = kind === 'sse' ? createChatCompletionDecoder(queue, faults, 'm') : createOllamaDecoder(queue, faults);
  const splitter = createLineSplitter(decoder.line, () => queue.fail(faults.malformed()));
  const outcome: Outcome = { text: '', reasoning: '', reason: null, usage: null, fault: null };
  const take = (part: ModelPart) => {
    if (part.type === 'finish') Object.assign(outcome, { reason: part.reason, usage: part.usage });
    else {
      expect(part.text.isWellFormed() && part.text.length > 0).toBe(true);
      outcome[part.type === 'text-delta' ? 'text' : 'reasoning'] += part.text;
    }
  };
  for (const piece of pieces) {
    splitter.write(piece);
    while (greedy && queue.size > 0) {
      const part = await queue.next();
      if (part) take(part);
    }
  }
  decoder.end(splitter.end());
  if (!queue.ended) queue.fail(faults.cut());
  try {
    for (let part = await queue.next(); part; part = await queue.next()) take(part);
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    outcome.fault = error.message;
  }
  return outcome;
}

const recorded = readdirSync(FOLDER)
  .filter((name) => /\.(sse|ndjson)$/.test(name))
  .map((name) => ({
    name,
    kind: name.endsWith('.sse') ? ('sse' as const) : ('ndjson' as const),
    bytes: readFileSync(new URL(name, FOLDER)),
    expected: JSON.parse(readFileSync(new URL(name.replace(/\.\w+$/, '.expected.json'), FOLDER), 'utf8')),
  }));

describe.for(recorded)('a recorded stream: $name', ({ kind, bytes, expected }) => {
  it('is read whole', async () => {
    expect(await decode([bytes], kind, false)).toEqual({ ...expected, fault: null });
  });

  it('reads the same cut at any byte', async () => {
    for (let at = 0; at <= bytes.length; at++) {
      const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
      expect(await decode(pieces, kind, true), `cut at ${at}`).toEqual({ ...expected, fault: null });
    }
  });

  it('reads the same byte by byte', async () => {
    const pieces = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
    expect(await decode(pieces, kind, true)).toEqual({ ...expected, fault: null });
    expect(await decode(pieces, kind, false)).toEqual({ ...expected, fault: null });
  });

  it('is whole without the end of its last line', async () => {
    const end = bytes.toString('latin1').trimEnd().length;
    expect(await decode([bytes.subarray(0, end)], kind, false)).toEqual({ ...expected, fault: null });
  });

  it('is never taken for whole when it ends early', async () => {
    for (let end = 0; end < bytes.length; end += 13) {
      const outcome = await decode([bytes.subarray(0, end)], kind, false);
      // Once the reason to finish is known the answer is whole; before that the end is a cut.
      if (outcome.fault === null) expect(outcome.text).toBe(expected.text);
      else expect(outcome.fault).toContain('broke the connection');
      // What a cut leaves may end in half a pair, shown as one replacement character.
      const text = outcome.text.replace(/\ufffd$/, '');
      expect(expected.text.startsWith(text)).toBe(true);
    }
  });
});

describe('chat completion streams', () => {
  const chunk = (choice: object, rest: object = {}) => `data: ${JSON.stringify({ choices: [choice], ...rest })}\n\n`;
  const read = (text: string) => decode([Buffer.from(text)], 'sse', false);

  it('finishes at [DONE] also without a reason, and takes tool calls as a stop', async () => {
    expect(await read(`${chunk({ delta: { content: 'a' } })}data: [DONE]\n\n`)).toMatchObject({
      text: 'a',
      reason: 'stop',
    });
    expect(await read(chunk({ delta: { content: 'a' }, finish_reason: 'tool_calls' }))).toMatchObject({
      reason: 'stop',
    });
    expect(await read(`${chunk({ delta: { content: 'a' } })}data:[DONE]`)).toMatchObject({ reason: 'stop' });
  });

  it('does not pass a filtered answer off as a whole one', async () => {
    const outcome = await read(
      chunk({ delta: { content: 'a' } }) + chunk({ delta: {}, finish_reason: 'content_filter' }),
    );
    expect(outcome).toMatchObject({ text: 'a', reason: null });
    expect(outcome.fault).toContain('content filter');
  });

  it('ignores what it does not know', async () => {
    const odd = [
      'data: {"choices":null}\n\n',
      'data: {"choices":[]}\n\n',
      'data: {"choices":[null]}\n\n',
      'data: {"choices":[{"delta":null}]}\n\n',
      'data: {"choices":[{"delta":{"content":5,"reasoning":{}}}]}\n\n',
      'data: {"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}\n\n',
      'data: {"choices":[],"usage":{"prompt_tokens":"many"}}\n\n',
      'event: ping\ndata\n\n',
      'unknown: field\n\n',
      'data:\n\n',
    ];
    const outcome = await read(odd.join('') + chunk({ delta: { content: 'a' }, finish_reason: 'stop' }));
    expect(outcome).toEqual({ text: 'a', reasoning: '', reason: 'stop', usage: null, fault: null });
  });

  it.for([
    'data: 5\n\n',
    'data: null\n\n',
    'data: {"choices":[{"delta":{"content":"un\n\n',
    'data: <html>\n\n',
    'data: {}}\n\n',
  ])('calls %j malformed', async (text) => {
    expect((await read(text)).fault).toContain('cannot be read');
  });

  it('sorts errors inside a stream by what they say', async () => {
    const code = async (error: object | string) => {
      const queue = new PartQueue();
      createChatCompletionDecoder(queue, faults, 'm').line(`data: ${JSON.stringify({ error })}`);
      const fault = await queue.next().catch((failure: ProviderFault) => failure);
      return (fault as ProviderFault).error.code;
    };
    expect(await code({ message: 'slow down', code: 429 })).toBe('RATE_LIMITED');
    expect(await code({ message: 'slow down', type: 'rate_limit_exceeded' })).toBe('RATE_LIMITED');
    expect(await code({ message: 'bad', type: 'invalid_request_error' })).toBe('BAD_USER_INPUT');
    expect(await code({ message: 'bad', type: 'BadRequestError', code: 400 })).toBe('BAD_USER_INPUT');
    expect(await code({ message: 'bad', code: '502' })).toBe('PROVIDER_UNAVAILABLE');
    expect(await code('gone')).toBe('PROVIDER_UNAVAILABLE');
  });

  it('bounds a line', async () => {
    const queue = new PartQueue();
    const splitter = createLineSplitter(
      () => {},
      () => queue.fail(faults.malformed()),
    );
    for (let index = 0; index < 9 && !queue.ended; index++) splitter.write(Buffer.alloc(1024 * 1024, 'x'));
    await expect(queue.next()).rejects.toThrow('cannot be read');
  });
});

describe('the queue of parts', () => {
  it('joins what waits and keeps the order of kinds', async () => {
    const queue = new PartQueue();
    for (const text of ['a', 'b']) queue.add('reasoning-delta', text);
    for (const text of ['c', '', 'd']) queue.add('text-delta', text);
    queue.add('reasoning-delta', 'e');
    queue.finish('stop', null);
    queue.add('text-delta', 'too late');
    const parts: (ModelPart | undefined)[] = [];
    for (let index = 0; index < 5; index++) parts.push(await queue.next());
    expect(parts).toEqual([
      { type: 'reasoning-delta', text: 'ab' },
      { type: 'text-delta', text: 'cd' },
      { type: 'reasoning-delta', text: 'e' },
      { type: 'finish', reason: 'stop', usage: null },
      undefined,
    ]);
    expect(queue.size).toBe(0);
  });

  it('wakes the reader who waits', async () => {
    const queue = new PartQueue();
    const waiting = queue.next();
    queue.add('text-delta', 'a');
    expect(await waiting).toEqual({ type: 'text-delta', text: 'a' });
    const cancelled = queue.next();
    queue.cancel();
    expect(await cancelled).toBeUndefined();
  });

  it('holds back half a pair per kind', async () => {
    const queue = new PartQueue();
    queue.add('text-delta', 'a\ud83d');
    queue.add('reasoning-delta', 'r');
    queue.add('text-delta', '\ude00b');
    queue.finish('stop', null);
    const texts: string[] = [];
    for (let part = await queue.next(); part && part.type !== 'finish'; part = await queue.next())
      texts.push(part.text);
    expect(texts).toEqual(['a', 'r', '😀b']);
  });
});
