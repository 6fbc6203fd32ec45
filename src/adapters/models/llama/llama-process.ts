import type { CallName, Calls, FailureKind, FromProcess, ToProcess } from './messages.ts';
import type { LoadedModel } from './process/loaded-model.ts';
import { Refusal } from './refusal.ts';

/**
 * The program that runs llama.cpp: one process for each loaded model. Whatever happens in the native code, the server and
 * its other streams go on; and what a model took of the memory is given back when its process ends.
 */
type Call = { signal: AbortSignal; tell: (event: Calls['generate']['event']) => void };
type Handlers = {
  [Name in CallName]: (input: Calls[Name]['input'], call: Call) => Promise<Calls[Name]['result']>;
};

let model: LoadedModel | undefined;
const running = new Map<number, AbortController>();
let outbox: FromProcess[] = [];

function loaded(): LoadedModel {
  if (!model) throw new Refusal('fault', 'No model is loaded.');
  return model;
}

/** The library is an optional dependency: npm may have had to leave it out. */
async function installed<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Refusal('missing', 'The package node-llama-cpp is not installed: `npm install node-llama-cpp` adds it.');
  }
}

const handlers: Handlers = {
  inspect: async ({ path }) => {
    const { inspectFile } = await installed(() => import('./process/inspect.ts'));
    return inspectFile(path);
  },
  load: async ({ path, settings }) => {
    const { loadModel } = await installed(() => import('./process/loaded-model.ts'));
    model = await loadModel(path, settings, (message) => post({ type: 'log', message }));
    return model.facts;
  },
  generate: (input, { signal, tell }) => loaded().generate(input, signal, tell),
  count: async ({ texts }) => loaded().count(texts),
  embed: ({ texts }, { signal }) => loaded().embed(texts, signal),
  rank: ({ question, texts }, { signal }) => loaded().rank(question, texts, signal),
};

async function run<Name extends CallName>(id: number, name: Name, input: Calls[Name]['input']): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const tell: Call['tell'] = (event) => post({ type: 'event', id, event });
    const result = await handlers[name](input, { signal: controller.signal, tell });
    post({ type: 'result', id, result });
  } catch (error) {
    post({ type: 'failure', id, ...describe(error) });
  } finally {
    running.delete(id);
  }
}

function describe(error: unknown): { kind: FailureKind; message: string } {
  if (error instanceof Refusal) return { kind: error.kind, message: error.message };
  return { kind: 'fault', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

/** What is told within one round of the event loop goes as one message: with several turns at once that is most of it. */
function post(message: FromProcess): void {
  if (outbox.push(message) > 1) return;
  setImmediate(() => {
    const messages = outbox;
    outbox = [];
    if (process.connected) process.send?.(messages);
  });
}

process.on('message', (message: ToProcess) => {
  if (message.type === 'abort') running.get(message.id)?.abort();
  else void run(message.id, message.name, message.input);
});
// The server is gone: nobody wants an answer any more. Not `exit`, which would wait for what is being computed.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
