import { BUILTIN_MODEL, createBuiltinModel } from '../../src/adapters/models/builtin.ts';
import { createOllamaModel } from '../../src/adapters/models/ollama.ts';
import { createOpenAiModel } from '../../src/adapters/models/openai.ts';
import { startLlama } from '../support/llama.ts';
import { startScriptedOllama } from '../support/scripted-ollama.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import type { StreamPlan } from '../support/stream-plan.ts';
import { describeLanguageModel } from './language-model.ts';

const limits = { connectMs: 5_000, firstTokenMs: 1_000, idleMs: 1_000, totalMs: 10_000, retries: 0 };
/** Many failures in a row are what this suite is about. */
const breaker = { failures: 1_000, openMs: 10_000 };

function createPlans() {
  const plans: Record<string, StreamPlan> = {};
  let count = 0;
  const plan = (value: StreamPlan) => {
    const name = `plan-${++count}`;
    plans[name] = value;
    return name;
  };
  return { plans, plan };
}

for (const provider of ['openai', 'aihub'] as const) {
  describeLanguageModel(
    provider,
    provider,
    async () => {
      const { plans, plan } = createPlans();
      const apiKey = 'sk-contract-0123456789';
      const upstream = await startScriptedUpstream({ plans, apiKey });
      const model = createOpenAiModel({ provider, baseUrl: upstream.url, apiKey, defaultModel: null, limits, breaker });
      return {
        model,
        answering: 'scripted',
        plan,
        async dispose() {
          await model.dispose();
          await upstream.close();
        },
      };
    },
    'planned',
  );
}

describeLanguageModel(
  'ollama',
  'ollama',
  async () => {
    const { plans, plan } = createPlans();
    const ollama = await startScriptedOllama({ plans });
    const model = createOllamaModel({ baseUrl: ollama.url, defaultModel: null, limits, breaker });
    return {
      model,
      answering: 'scripted',
      plan,
      async dispose() {
        await model.dispose();
        await ollama.close();
      },
    };
  },
  'planned',
);

describeLanguageModel(
  'builtin',
  'builtin',
  async () => {
    const model = createBuiltinModel();
    return { model, answering: BUILTIN_MODEL, dispose: () => model.dispose() };
  },
  'not planned',
);

describeLanguageModel(
  'llama-cpp',
  'llama-cpp',
  async () => ({ ...(await startLlama({ tiny: { endWeight: 1.2 } })), steady: { temperature: 0 } }),
  'not planned',
);
