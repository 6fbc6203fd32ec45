import { setImmediate as macrotask } from 'node:timers/promises';
import { AppError } from '../../errors.ts';
import type { ChatMessage, LanguageModel } from '../../ports/language-model.ts';

export const BUILTIN_MODEL = 'extractive';

const LONGEST_QUOTE = 80;

/** The start of what was asked, on one line, as text that Markdown leaves alone. */
function quote(messages: ChatMessage[]): string {
  const asked = messages.findLast((message) => message.role === 'user')?.content ?? '';
  const line = asked
    .slice(0, 10 * LONGEST_QUOTE)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  // By what a person sees as characters: an emoji of several code points is not taken apart.
  const characters = [...new Intl.Segmenter().segment(line)].map(({ segment }) => segment);
  const short = characters.length > LONGEST_QUOTE ? `${characters.slice(0, LONGEST_QUOTE).join('')}…` : line;
  return short.toWellFormed().replace(/[\\`*_[\]<>#|~&]/g, '\\$&');
}

function firstAnswer(messages: ChatMessage[]): string {
  const asked = quote(messages);
  return `${asked ? `You asked “${asked}”. ` : ''}I cannot answer that: **no language model is configured** on this server, and it has no documents that I could quote from.

To get answers, give the server a model and restart it:

- **A model on this machine, with [Ollama](https://ollama.com/download):** install it, then

  \`\`\`sh
  ollama pull llama3.2:3b
  \`\`\`

  Set \`OLLAMA_DEFAULT_MODEL=llama3.2:3b\` to choose it (and \`OLLAMA_BASE_URL\` if Ollama runs elsewhere).
- **OpenAI or any compatible server:** set \`OPENAI_API_KEY\`, and \`OPENAI_BASE_URL\` for vLLM, LM Studio, llama.cpp and the like.

These go into the environment or into a file named \`.env\` beside the server; \`.env.example\` lists them all.`;
}

function furtherAnswer(messages: ChatMessage[]): string {
  const asked = quote(messages);
  return `${asked ? `About “${asked}”: ` : ''}there is still **no language model** to answer with, and there are no documents. Pull a model with Ollama, or set \`OPENAI_API_KEY\`, and restart the server; my first answer in this conversation has the steps.`;
}

/** The answerer that needs no model: it says that there is none, and how to get one. */
export function createBuiltinModel(): LanguageModel {
  return {
    provider: 'builtin',
    defaultModel: BUILTIN_MODEL,
    async *stream({ model, messages, signal }) {
      if (model !== BUILTIN_MODEL) {
        throw new AppError({ code: 'PROVIDER_UNAVAILABLE', message: `builtin has no model "${model}".` });
      }
      const answered = messages.some((message) => message.role === 'assistant');
      const words = (answered ? furtherAnswer(messages) : firstAnswer(messages)).match(/\S+\s*/g) ?? [];
      for (const text of words) {
        // Each word is an event of its own, and the loop never holds up the others.
        await macrotask();
        if (signal.aborted) return;
        yield { type: 'text-delta', text };
      }
      // It works without tokens, so there are none to count.
      yield { type: 'finish', reason: 'stop', usage: null };
    },
    async listModels(signal) {
      signal.throwIfAborted();
      return [{ name: BUILTIN_MODEL, contextWindow: null, sizeBytes: null, quantization: null, embedding: false }];
    },
    breakerOpen: () => false,
    async dispose() {},
  };
}
