export type StreamFault =
  /** An HTTP answer instead of a stream. Without a body: the provider's usual error object. */
  | { type: 'status'; status: number; body?: string | object; headers?: Record<string, string> }
  /** The request is read and never answered. */
  | { type: 'never' }
  /** After so many tokens the connection breaks, or with `graceful` the body just ends. */
  | { type: 'cut'; after: number; graceful?: boolean }
  /** After so many tokens nothing comes any more, with the connection open. */
  | { type: 'silent'; after: number }
  /** After so many tokens a chunk that is no JSON; the rest follows. */
  | { type: 'malformed'; after: number }
  /** After so many tokens an error object inside the stream, then its end. */
  | { type: 'error'; after: number; error: object | string };

/** What a scripted provider answers. */
export type StreamPlan = {
  /** One event each. A surrogate pair given as two tokens travels as two `\uXXXX` escapes. */
  tokens?: readonly string[];
  /** Told before the answer. */
  reasoning?: readonly string[];
  reasoningField?: 'reasoning_content' | 'reasoning';
  /** Between two tokens. 0: as fast as the client reads. Below the wheel's tick several tokens share a write. */
  intervalMs?: number;
  /** How many tokens share a write when `intervalMs` is 0. */
  tokensPerWrite?: number;
  /** Before the status line. */
  firstByteDelayMs?: number;
  /** Between the head of the stream and its first token. */
  firstTokenDelayMs?: number;
  /** Each token's text becomes its time of sending: `"<epoch microseconds> "`, of `epochMicroseconds()`. */
  timestamped?: boolean;
  /** Left out: counted. null: none is sent. */
  usage?: { promptTokens: number; completionTokens: number } | null;
  /** Left out: 'stop'. null: none is sent. */
  finishReason?: string | null;
  fault?: StreamFault;
  /** A recorded body, sent byte for byte in place of tokens. */
  replay?: string | Buffer;
  contentType?: string;
  /** The body in pieces of so many bytes, each a write of its own. */
  pieceSize?: number;
  /** The body cut at these byte positions, each piece a write of its own. */
  splitAt?: readonly number[];
  crlf?: boolean;
  /** `data:{…}` without the space. */
  noSpace?: boolean;
  /** Comments and empty keep-alive lines between the events. */
  pings?: boolean;
  /** The JSON of each event spread over several `data:` lines. */
  multiLine?: boolean;
  omitDone?: boolean;
};

const WORDS =
  'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua'.split(
    ' ',
  );
const loremTokens = new Map<number, readonly string[]>();

/** Always the same `count` tokens: words with a space after each, a full stop now and then. */
export function lorem(count: number): readonly string[] {
  const known = loremTokens.get(count);
  if (known) return known;
  const tokens = Array.from({ length: count }, (_, index) => {
    const word = WORDS[(index * 7) % WORDS.length] ?? 'lorem';
    return index % 12 === 11 ? `${word}. ` : `${word} `;
  });
  loremTokens.set(count, tokens);
  return tokens;
}

/** Comparable between processes of one machine. */
export function epochMicroseconds(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}

/** A text in tokens of a word with the space after it. */
export function words(text: string): string[] {
  return text.match(/\S+\s*|\s+/g) ?? [];
}

const planOfName = new Map<string, StreamPlan>();

/**
 * The plan that a model's name carries, so that another process can choose it:
 * `scripted`, `scripted?tokens=200&interval=25&reasoning=10&delay=50&timestamped=1&perWrite=8`,
 * `scripted?fault=cut&after=3` (cut, silent, malformed, error, never), `scripted?status=429&retryAfter=2`;
 * `echo` repeats the last message. Undefined: no such model.
 */
export function planFromModelName(model: string, lastMessage: string): StreamPlan | undefined {
  const [name, query = ''] = model.split('?');
  if (name !== 'scripted' && name !== 'echo') return undefined;
  if (name === 'scripted') {
    const known = planOfName.get(model);
    if (known) return known;
  }
  const options = new URLSearchParams(query);
  const number = (key: string) => (options.has(key) ? Number(options.get(key)) : undefined);
  const plan: StreamPlan = {
    tokens: name === 'echo' ? words(lastMessage) : lorem(number('tokens') ?? 20),
    reasoning: lorem(number('reasoning') ?? 0),
    intervalMs: number('interval') ?? 0,
    tokensPerWrite: number('perWrite') ?? 1,
    firstByteDelayMs: number('delay') ?? 0,
    timestamped: options.get('timestamped') === '1',
  };
  const after = number('after') ?? 5;
  const status = number('status');
  const fault = options.get('fault');
  if (status !== undefined) {
    const retryAfter = options.get('retryAfter');
    plan.fault = { type: 'status', status, ...(retryAfter && { headers: { 'retry-after': retryAfter } }) };
  } else if (fault === 'never') plan.fault = { type: 'never' };
  else if (fault === 'error') plan.fault = { type: 'error', after, error: { message: 'scripted failure' } };
  else if (fault === 'cut' || fault === 'silent' || fault === 'malformed') plan.fault = { type: fault, after };
  // Names are few (a benchmark uses one); an unbounded set would be a client's mistake.
  if (name === 'scripted' && planOfName.size < 1000) planOfName.set(model, plan);
  return plan;
}
