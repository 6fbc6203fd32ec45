// The reference: node-llama-cpp itself, with as many sequences as turns are made at once. In a process of its own.
import { getLlama, LlamaChat, resolveChatWrapper } from 'node-llama-cpp';
import { answerParent } from '../support/answer-parent.ts';
import type { Generation, RawQuestion } from './generation.ts';

// The library tries its native part in a child first, which is not to be measured.
process.execArgv = [];
const [path = '', threads = '1', contextTokens = '2048', places = '8'] = process.argv.slice(2);
const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, maxThreads: 0, logger: () => {} });
const model = await llama.loadModel({ modelPath: path });
const context = await model.createContext({
  sequences: Number(places),
  contextSize: Number(contextTokens),
  threads: Number(threads),
  batchSize: 128,
});
const chatWrapper = resolveChatWrapper(model);
const chats = Array.from({ length: Number(places) }, () => {
  const sequence = context.getSequence();
  return { sequence, chat: new LlamaChat({ contextSequence: sequence, chatWrapper }) };
});

async function generate(at: number, { prompt, maxTokens, seed }: RawQuestion): Promise<Generation> {
  const place = chats[at];
  if (!place) throw new Error('There are not so many places.');
  await place.sequence.clearHistory();
  const started = performance.now();
  let first = Number.NaN;
  let last = Number.NaN;
  let tokens = 0;
  await place.chat.generateResponse(
    [
      { type: 'user', text: prompt },
      { type: 'model', response: [] },
    ],
    {
      maxTokens,
      temperature: 0.1,
      topP: 0.8,
      topK: 20,
      seed: seed + at,
      contextShift: { size: 1 },
      onResponseChunk(chunk) {
        last = performance.now();
        if (Number.isNaN(first)) first = last;
        tokens += chunk.tokens.length;
      },
    },
  );
  return { tokens, firstMs: first - started, restMs: last - first };
}

answerParent<RawQuestion>((question) =>
  Promise.all(Array.from({ length: question.turns }, (_, at) => generate(at, question))),
);
