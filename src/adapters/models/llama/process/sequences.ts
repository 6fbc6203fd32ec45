import { type ChatWrapper, LlamaChat, type LlamaContext, type LlamaContextSequence, type Token } from 'node-llama-cpp';

export type Place = {
  chat: LlamaChat;
  sequence: LlamaContextSequence;
  /** Gives it back, with what it has computed: the next turn of the same conversation begins there. */
  release(): void;
};

type Entry = { chat: LlamaChat; sequence: LlamaContextSequence; isFree: boolean; usedAt: number };

/**
 * The sequences of a context. A turn gets the free one that knows the longest beginning of its prompt: what was computed
 * for the turn before, or for the same system prompt, is not computed again.
 */
export function createSequences(context: LlamaContext, chatWrapper: ChatWrapper) {
  const entries: Entry[] = Array.from({ length: context.totalSequences }, () => {
    const sequence = context.getSequence();
    return { sequence, chat: new LlamaChat({ contextSequence: sequence, chatWrapper }), isFree: true, usedAt: 0 };
  });
  const waiting: (() => void)[] = [];
  let uses = 0;

  /** The server hands out no more places than there are; but one that was stopped is still at work for a moment. */
  async function take(prompt: Token[], signal: AbortSignal): Promise<Place> {
    while (!entries.some(({ isFree }) => isFree)) {
      const freed = Promise.withResolvers<void>();
      waiting.push(freed.resolve);
      const onAbort = () => freed.reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        await freed.promise;
      } finally {
        signal.removeEventListener('abort', onAbort);
        const place = waiting.indexOf(freed.resolve);
        if (place >= 0) waiting.splice(place, 1);
      }
    }
    const entry = choose(
      entries.filter(({ isFree }) => isFree),
      prompt,
    ) as Entry;
    entry.isFree = false;
    entry.usedAt = ++uses;
    const { chat, sequence } = entry;
    return {
      chat,
      sequence,
      release() {
        entry.isFree = true;
        waiting.shift()?.();
      },
    };
  }

  return { take };
}

function choose(free: Entry[], prompt: Token[]): Entry | undefined {
  const known = free.map((entry) => ({
    entry,
    held: entry.sequence.nextTokenIndex,
    shared: entry.sequence.compareContextTokens(prompt).firstDifferentIndex,
  }));
  const best = known.reduce<(typeof known)[number] | undefined>(
    (a, b) => (!a || b.shared > a.shared ? b : a),
    undefined,
  );
  // Another conversation that only begins alike keeps what it has, while there are places that nobody has used.
  if (best && best.shared * 2 > best.held) return best.entry;
  const unused = known.find(({ held }) => held === 0);
  if (unused) return unused.entry;
  return known.toSorted((a, b) => a.entry.usedAt - b.entry.usedAt)[0]?.entry;
}
