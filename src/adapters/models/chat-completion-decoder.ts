import type { ModelUsage } from '../../ports/language-model.ts';
import type { Faults } from '../../util/provider-fault.ts';
import type { StreamDecoder } from './http-stream.ts';
import type { PartQueue } from './part-queue.ts';

type Delta = { content?: unknown; reasoning_content?: unknown; reasoning?: unknown };

/** A chunk of a stream, or with `message` a whole completion. Nothing of it is certain: many servers speak this. */
type Completion = {
  choices?: ({ delta?: Delta | null; message?: Delta | null; finish_reason?: unknown } | null)[] | null;
  usage?: { prompt_tokens?: unknown; completion_tokens?: unknown } | null;
  error?: unknown;
  object?: unknown;
};

const count = (value: unknown) => (typeof value === 'number' && value >= 0 ? Math.floor(value) : undefined);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The HTTP status that an error inside a stream stands for: gateways pass it as `code` or `status`. */
function statusOfError(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, status, type } = error as Record<string, unknown>;
  for (const value of [code, status]) {
    const number = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && number >= 400 && number <= 599) return number;
  }
  const name = `${typeof type === 'string' ? type : ''} ${typeof code === 'string' ? code : ''}`;
  if (/rate_limit|insufficient_quota/.test(name)) return 429;
  if (/invalid_request|context_length/.test(name)) return 400;
  return undefined;
}

/** Reads the event stream of `POST /chat/completions`, of OpenAI and of the many servers that speak like it. */
export function createChatCompletionDecoder(queue: PartQueue, faults: Faults, model: string): StreamDecoder {
  let reason: 'stop' | 'length' | undefined;
  let usage: ModelUsage | null = null;
  /** `data:` lines of an event that is not complete yet. */
  let pending: string[] = [];

  function completion(value: unknown): void {
    if (typeof value !== 'object' || value === null) {
      queue.fail(faults.malformed());
      return;
    }
    const { choices, usage: counts, error, object } = value as Completion;
    if (error || object === 'error') {
      const status = statusOfError(error || value);
      const body = JSON.stringify(error ? { error } : value);
      queue.fail(status ? faults.status(status, { model, body }) : faults.reported(body));
      return;
    }
    const choice = choices?.[0];
    const delta = choice?.delta ?? choice?.message;
    if (delta) {
      const reasoning = delta.reasoning_content ?? delta.reasoning;
      if (typeof reasoning === 'string') queue.add('reasoning-delta', reasoning);
      if (typeof delta.content === 'string') queue.add('text-delta', delta.content);
    }
    const finished = choice?.finish_reason;
    // Half an answer is not passed off as a whole one.
    if (finished === 'content_filter') queue.fail(faults.filtered());
    else if (typeof finished === 'string' && finished !== '') reason = finished === 'length' ? 'length' : 'stop';
    if (counts) {
      const promptTokens = count(counts.prompt_tokens);
      const completionTokens = count(counts.completion_tokens);
      if (promptTokens !== undefined && completionTokens !== undefined) usage = { promptTokens, completionTokens };
    }
  }

  function dispatch(): void {
    const lines = pending;
    pending = [];
    const data = lines.join('\n').trim();
    if (data === '[DONE]') queue.finish(reason ?? 'stop', usage);
    else if (data !== '') completion(parse(data));
  }

  function line(text: string): void {
    if (queue.ended) return;
    if (text === '') {
      if (pending.length > 0) dispatch();
      return;
    }
    // Comments, `event:`, `id:` and `retry:` say nothing here.
    if (!text.startsWith('data:')) return;
    const data = text.slice(text.charCodeAt(5) === 32 ? 6 : 5);
    // Nearly every event is one line, and is read without waiting for the empty line that ends it. JSON that is
    // complete cannot go on in a further line, so what does not parse yet is the start of an event of several.
    if (pending.length === 0) {
      const value = data.endsWith('}') ? parse(data) : undefined;
      if (value !== undefined) {
        completion(value);
        return;
      }
      if (data === '[DONE]') {
        queue.finish(reason ?? 'stop', usage);
        return;
      }
    }
    pending.push(data);
  }

  return {
    get answered() {
      return reason !== undefined;
    },
    line,
    whole(body) {
      completion(parse(body));
      if (!queue.ended && reason === undefined) queue.fail(faults.malformed());
    },
    end(begun) {
      if (begun) line(begun);
      if (!queue.ended && pending.length > 0) {
        // The last event may be whole though its end is missing, or half of one; then the cut is the news.
        const value = parse(pending.join('\n'));
        if (value !== undefined) completion(value);
      }
      if (!queue.ended && reason !== undefined) queue.finish(reason, usage);
    },
  };
}
