import { expect, it, onTestFinished } from 'vitest';
import { createOllamaModel } from '../../src/adapters/models/ollama.ts';
import { checkModels } from '../../src/app/startup-checks.ts';
import { readConfig } from '../../src/config.ts';
import { startScriptedOllama } from '../support/scripted-ollama.ts';

const LIMITS = { connectMs: 5_000, firstTokenMs: 5_000, idleMs: 5_000, totalMs: 10_000, retries: 0 };

/** What is warned of where nobody listens, whatever the environment says of the address. */
async function warnings(environment: Record<string, string>, ofFiles: string[] = []): Promise<string[]> {
  const gone = await startScriptedOllama();
  await gone.close();
  const model = createOllamaModel({ baseUrl: gone.url, defaultModel: null, limits: LIMITS });
  onTestFinished(() => model.dispose());
  const asked = Promise.withResolvers<void>();
  const listModels = (signal: AbortSignal) => model.listModels(signal).finally(() => setImmediate(asked.resolve));
  const lines: string[] = [];
  checkModels({
    config: readConfig({ NODE_ENV: 'test', ...environment }),
    providers: [{ ...model, listModels }],
    llama: {
      check: async () => ofFiles,
      faultOf: async (name) => (name === 'mine.gguf' ? null : 'There is no such file.'),
    },
    info: (line) => lines.push(`info: ${line}`),
    warn: (line) => lines.push(line),
    logError: (error) => lines.push(`error: ${error}`),
  });
  await asked.promise;
  return lines;
}

it('is no fault that there is no Ollama where nobody has said that there is one', async () => {
  expect(await warnings({}, ['A file is no model.'])).toEqual(['A file is no model.']);
});

it('is one where its address or its model is named', async () => {
  const refused = expect.stringMatching(/cannot be used: The provider ollama refused the connection/);
  expect(await warnings({ OLLAMA_DEFAULT_MODEL: 'qwen3' })).toEqual([refused]);
  expect(await warnings({ OLLAMA_BASE_URL: 'http://ollama.lan:11434' })).toEqual([refused]);
});

it('keeps a password in the address to itself', async () => {
  const [line, ...others] = await warnings({ OLLAMA_BASE_URL: 'http://keeper:lantern@ollama.lan:11434/' });
  expect(line).toMatch(/^Ollama at ollama\.lan:11434 cannot be used: /);
  expect(line).not.toMatch(/keeper|lantern/);
  expect(others).toEqual([]);
});

it('names a variable whose model is not there', async () => {
  const environment = { DEFAULT_MODEL: 'llama-cpp/mine.gguf', EMBEDDING_MODEL: 'llama-cpp/gone.gguf' };
  expect(await warnings(environment)).toEqual([
    'EMBEDDING_MODEL llama-cpp/gone.gguf cannot be used: There is no such file.',
  ]);
});

it('says what becomes of prompts where the safety guard cannot be reached', async () => {
  const guard = { SAFETY_MODEL: 'ollama/llama-guard3', OLLAMA_STARTUP_CHECK_ENABLED: 'false' };
  expect(await warnings({ ...guard, SAFETY_MODE: 'strict' })).toEqual([
    expect.stringMatching(/^SAFETY_MODEL ollama\/llama-guard3 cannot be used now: .* everything is refused/),
  ]);
  expect(await warnings({ ...guard, SAFETY_MODE: 'fuzzy' })).toEqual([
    expect.stringMatching(/^SAFETY_MODEL ollama\/llama-guard3 cannot be used now: .* nothing is judged/),
  ]);
});
