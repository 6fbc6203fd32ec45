import type { Faults } from '../../util/provider-fault.ts';
import type { StreamDecoder } from './http-stream.ts';
import type { PartQueue } from './part-queue.ts';

type ChatLine = {
  message?: { content?: unknown; thinking?: unknown } | null;
  done?: unknown;
  done_reason?: unknown;
  prompt_eval_count?: unknown;
  eval_count?: unknown;
  error?: unknown;
};

const isCount = (value: unknown): value is number => typeof value === 'number' && value >= 0;

/** Reads the lines of Ollama's `/api/chat`. The last one says `done`, and a stream without it was cut. */
export function createOllamaDecoder(queue: PartQueue, faults: Faults): StreamDecoder {
  function read(text: string): boolean {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return false;
    }
    if (typeof value !== 'object' || value === null) return false;
    const { message, done, done_reason, prompt_eval_count, eval_count, error } = value as ChatLine;
    if (error) {
      queue.fail(faults.reported(text));
      return true;
    }
    if (typeof message?.thinking === 'string') queue.add('reasoning-delta', message.thinking);
    if (typeof message?.content === 'string') queue.add('text-delta', message.content);
    if (done !== true) return true;
    // A prompt that is still cached is not counted by some versions.
    const usage = isCount(eval_count)
      ? { promptTokens: isCount(prompt_eval_count) ? prompt_eval_count : 0, completionTokens: eval_count }
      : null;
    queue.finish(done_reason === 'length' ? 'length' : 'stop', usage);
    return true;
  }

  function line(text: string): void {
    if (queue.ended || text.trim() === '') return;
    if (!read(text)) queue.fail(faults.malformed());
  }

  return {
    answered: false,
    line,
    whole: line,
    end(begun) {
      // A line that the connection broke inside of is not the provider's mistake: the cut is the news.
      if (!queue.ended && begun) read(begun);
    },
  };
}
