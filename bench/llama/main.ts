// What a turn costs beside the same generation straight from node-llama-cpp. `--help` says the rest.
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeTinyChatModel } from '../../test/support/tiny-gguf.ts';
import { type Child, startChild } from '../support/child.ts';
import { type Closer, runAndClose } from '../support/closer.ts';
import { type Colloquy, startColloquy } from '../support/colloquy.ts';
import { describeMachine } from '../support/cores.ts';
import { median } from '../support/statistics.ts';
import { formatTable, number } from '../support/table.ts';
import { type Generation, type RawQuestion, rateOf } from './generation.ts';
import { openTurns } from './turns.ts';

const USAGE = `npm run bench:llama -- [options]
  --model file.gguf   default: one with random weights, made for the run
  --width 512         of that one, and
  --layers 8          so many layers
  --threads 1         that compute
  --tokens 200        of each answer
  --runs 5            how often each is measured, in turn; medians are printed`;

const CONTEXT_TOKENS = 2_048;
const PLACES = 8;
const PROMPT = 'hello world, what is the water in the day and how would people use it';
const LONG_PROMPT = 'what is the water in the day and how would people use it now '.repeat(60);

type Lag = { p50: number; p99: number; max: number };
type Stage = { raw: Child; server: Colloquy; turns: ReturnType<typeof openTurns>; tokens: number; runs: number };

async function prepare(closer: Closer, options: Options): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-bench-llama-'));
  await closer.started(Promise.resolve({ stop: () => rm(folder, { recursive: true, force: true }) }));
  const path = options.model ?? join(folder, 'random.gguf');
  if (!options.model) {
    const { width, layers } = options;
    await writeTinyChatModel(path, { width, layers, endWeight: 0, contextWindow: CONTEXT_TOKENS });
  }
  const script = fileURLToPath(new URL('raw.ts', import.meta.url));
  const sizes = [options.threads, CONTEXT_TOKENS, PLACES].map(String);
  const raw = await closer.started(startChild({ script, args: [path, ...sizes], core: undefined, ready: /ready\n/ }));
  const server = await closer.started(
    startColloquy({
      databaseUrl: undefined,
      core: undefined,
      imports: [fileURLToPath(new URL('lag.ts', import.meta.url))],
      env: {
        MODEL_PATH: path,
        MODEL_GPU: 'off',
        MODEL_N_THREADS: String(options.threads),
        MODEL_N_CTX: String(CONTEXT_TOKENS),
        MODEL_PARALLEL: String(PLACES),
      },
    }),
  );
  const { token } = await server.register();
  const model = `llama-cpp/${path.slice(path.lastIndexOf('/') + 1)}`;
  const turns = openTurns({ url: server.url, token, model });
  await closer.started(Promise.resolve({ stop: async () => turns.close() }));
  // Loads it.
  await turns.watch(PROMPT, { maxTokens: 8 });
  return { raw, server, turns, tokens: options.tokens, runs: options.runs };
}

async function measureRates({ raw, server, turns, tokens, runs }: Stage): Promise<void> {
  const rows = [['', 'node-llama-cpp', 'a turn', 'share', 'first token', 'a turn’s', 'loop late p50', 'p99', 'max']];
  for (const count of [1, PLACES]) {
    const raws: Generation[][] = [];
    const watched: Generation[][] = [];
    const lags: Lag[] = [];
    for (let run = 0; run < runs; run++) {
      const question: RawQuestion = { type: 'generate', turns: count, prompt: PROMPT, maxTokens: tokens, seed: run };
      raws.push(await raw.ask<Generation[]>(question));
      await server.ask<Lag>({ probe: 'lag' });
      const all = Array.from({ length: count }, (_, at) => turns.watch(PROMPT, { maxTokens: tokens, seed: run + at }));
      watched.push(await Promise.all(all));
      lags.push(await server.ask<Lag>({ probe: 'lag' }));
    }
    const rates = [median(raws.map(rateOf)), median(watched.map(rateOf))] as const;
    const first = (generations: Generation[][]) => median(generations.flat().map(({ firstMs }) => firstMs));
    rows.push([
      `${count} at once`,
      `${number(rates[0])}/s`,
      `${number(rates[1])}/s`,
      `${number((rates[1] / rates[0]) * 100, 1)} %`,
      `${number(first(raws))} ms`,
      `${number(first(watched))} ms`,
      ...(['p50', 'p99', 'max'] as const).map((name) => `${number(median(lags.map((lag) => lag[name])), 1)} ms`),
    ]);
  }
  console.log(`\n## Tokens per second, from the first token on (medians of ${runs} runs)\n${formatTable(rows)}`);
}

async function measurePrefix({ turns, runs }: Stage): Promise<void> {
  const shares: number[] = [];
  const firsts: number[][] = [[], []];
  for (let run = 0; run < runs; run++) {
    // A beginning that nobody has asked for before.
    const first = await turns.watch(`${run} ${LONG_PROMPT}`, { maxTokens: 16 });
    const second = await turns.watch('and then', { maxTokens: 16 }, first.conversationId);
    firsts[0]?.push(first.firstMs);
    firsts[1]?.push(second.firstMs);
    shares.push(second.firstMs / first.firstMs);
  }
  const [one, two] = firsts.map((times) => `${number(median(times))} ms`);
  console.log(`\n## First token of a long conversation (medians of ${runs} runs)`);
  console.log(`first turn ${one}, second turn ${two}: ${number(median(shares) * 100)} %`);
}

type Options = {
  model: string | undefined;
  width: number;
  layers: number;
  threads: number;
  tokens: number;
  runs: number;
};

function readOptions(): Options | null {
  const { values } = parseArgs({
    options: {
      model: { type: 'string' },
      width: { type: 'string', default: '512' },
      layers: { type: 'string', default: '8' },
      threads: { type: 'string', default: '1' },
      tokens: { type: 'string', default: '200' },
      runs: { type: 'string', default: '5' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return null;
  const { model, width, layers, threads, tokens, runs } = values;
  return {
    model,
    width: Number(width),
    layers: Number(layers),
    threads: Number(threads),
    tokens: Number(tokens),
    runs: Number(runs),
  };
}

const options = readOptions();
if (!options) console.log(USAGE);
else {
  await runAndClose(async (closer) => {
    const load = loadavg().map((one) => number(one, 1));
    console.log(`${describeMachine(null)}\nLoad: ${load.join(' ')}. ${new Date().toISOString().slice(0, 10)}.`);
    const stage = await prepare(closer, options);
    await measureRates(stage);
    await measurePrefix(stage);
  });
}
