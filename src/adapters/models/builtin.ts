import { setImmediate as macrotask } from 'node:timers/promises';
import { AppError } from '../../errors.ts';
import type { ChatMessage, Grounding, LanguageModel, ModelRequest } from '../../ports/language-model.ts';
import { extract } from './builtin-extract.ts';
import { plainText } from './builtin-markdown.ts';

export const BUILTIN_MODEL = 'extractive';

const LONGEST_QUOTE = 80;

/** The start of what was asked, on one line, as text that Markdown leaves alone. */
function quote(asked: string): string {
  const line = asked
    .slice(0, 10 * LONGEST_QUOTE)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  // By what a person sees as characters: an emoji of several code points is not taken apart.
  const characters = [...new Intl.Segmenter().segment(line)].map(({ segment }) => segment);
  const short = characters.length > LONGEST_QUOTE ? `${characters.slice(0, LONGEST_QUOTE).join('')}…` : line;
  return plainText(short.toWellFormed());
}

function firstAnswer(question: string): string {
  const asked = quote(question);
  return `${asked ? `You asked “${asked}”. ` : ''}I cannot answer that: **no language model is configured** on this server, and it has no documents that I could quote from.

To get answers, give the server a model:

- **A model on this machine, with nothing else to install:** in the folder of the server

  \`\`\`sh
  npm run models -- pull llama-cpp/hf:Qwen/Qwen3-4B-GGUF:Q4_K_M
  \`\`\`

  It takes 2.5 GB, and answers within seconds of being there.
- **Or with [Ollama](https://ollama.com/download):** install it, then

  \`\`\`sh
  ollama pull llama3.2:3b
  \`\`\`

  It is found by itself. Set \`OLLAMA_BASE_URL\` if Ollama runs elsewhere, and \`OLLAMA_DEFAULT_MODEL\` to choose among its models.
- **OpenAI or any compatible server:** set \`OPENAI_API_KEY\`, and \`OPENAI_BASE_URL\` for vLLM, LM Studio, llama.cpp and the like.

Settings go into the environment or into a file named \`.env\` beside the server, and count from its next start; \`.env.example\` lists them all.`;
}

function furtherAnswer(question: string): string {
  const asked = quote(question);
  return `${asked ? `About “${asked}”: ` : ''}there is still **no language model** to answer with, and there are no documents. Pull a model, or set \`OPENAI_API_KEY\` and restart the server; my first answer in this conversation has the steps.`;
}

const HINT =
  '*This is quoted, not written: no language model is configured on this server. `ollama pull llama3.2:3b`, or an `OPENAI_API_KEY` and a restart, give it one.*';
const SHORT_HINT = '*Quoted from your files: no language model is configured on this server.*';

/** What stands in the user's files, word for word, each passage with its number. */
function groundedAnswer(grounding: Grounding, isFirst: boolean): string {
  const asked = quote(grounding.question);
  const hint = isFirst ? HINT : SHORT_HINT;
  const quotations = extract(grounding);
  if (quotations.length > 0) {
    const lines = quotations.map(({ citation, text }) => `> ${plainText(text)} [${citation.index}]`);
    return `${isFirst ? 'This is what I found in your files:' : 'Your files say:'}\n\n${lines.join('\n\n')}\n\n${hint}`;
  }
  if (grounding.citations.length > 0) {
    return `The closest passages of your files are listed with this answer, but no sentence of them fits ${asked ? `“${asked}”` : 'the question'} well enough to be quoted. Other words may help.\n\n${NOTHING_HINT}`;
  }
  if (grounding.degraded) return `${grounding.degraded}\n\n${NOTHING_HINT}`;
  return `I found nothing in your files that fits ${asked ? `“${asked}”` : 'this'}. Ask for something that stands in them; other words may help.\n\n${NOTHING_HINT}`;
}

const NOTHING_HINT =
  '*I can only quote from files: no language model is configured on this server. `ollama pull llama3.2:3b`, or an `OPENAI_API_KEY` and a restart, give it one.*';

function answer({ messages, grounding }: Pick<ModelRequest, 'messages' | 'grounding'>): string {
  const isFirst = !messages.some((message: ChatMessage) => message.role === 'assistant');
  if (grounding) return groundedAnswer(grounding, isFirst);
  const asked = messages.findLast((message) => message.role === 'user')?.content ?? '';
  return isFirst ? firstAnswer(asked) : furtherAnswer(asked);
}

/** A word with the space after it; of a text without spaces, what is about as long. */
const PIECE = /[^\s]{1,24}\s*/gu;

/**
 * The answerer that needs no model: it quotes what the user's files say, and where there are none it says so, and how to
 * get a model.
 */
export function createBuiltinModel(): LanguageModel {
  return {
    provider: 'builtin',
    defaultModel: BUILTIN_MODEL,
    async *stream({ model, messages, grounding, signal }) {
      if (model !== BUILTIN_MODEL) {
        throw new AppError({ code: 'PROVIDER_UNAVAILABLE', message: `builtin has no model "${model}".` });
      }
      for (const text of answer({ messages, grounding }).match(PIECE) ?? []) {
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
    window: () => null,
    breakerOpen: () => false,
    load: () => ({ active: 0, waiting: 0, longestWaitMs: 0 }),
    async dispose() {},
  };
}
