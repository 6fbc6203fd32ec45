import type { ServerResponse } from 'node:http';
import { playPlan, type Wire } from './plan-player.ts';
import { answerEmbeddings } from './scripted-embeddings.ts';
import {
  pauseAsPlanned,
  type RecordedRequest,
  type ScriptedServer,
  sendJson,
  startScriptedServer,
} from './scripted-server.ts';
import { planFromModelName, type StreamPlan } from './stream-plan.ts';
import { createTimerWheel } from './timer-wheel.ts';

export type OllamaChatBody = {
  model: string;
  messages: { role: string; content: string }[];
  stream?: boolean;
  [option: string]: unknown;
};

export type ScriptedOllamaModel = {
  name: string;
  sizeBytes?: number;
  quantization?: string;
  family?: string;
  contextLength?: number;
  capabilities?: string[];
};

export type ScriptedOllamaOptions = {
  port?: number;
  host?: string;
  /** Chooses the answer; undefined falls through to `plans`, then to what the model's name says. */
  script?: (body: OllamaChatBody, request: RecordedRequest) => StreamPlan | undefined;
  plans?: Record<string, StreamPlan>;
  models?: ScriptedOllamaModel[] | (() => ScriptedOllamaModel[]);
  /** How it gets a model that it is asked for; without: as if there were none of this name. */
  pulls?: Record<string, ScriptedPull>;
};

export type ScriptedPull = {
  /** Bytes of its layers. */
  layers: number[];
  pauseMs?: number;
  /** After the first layer. */
  fault?: 'silent' | 'cut' | 'error';
};

export type ScriptedOllama = ScriptedServer & {
  /** `http://127.0.0.1:<port>` */
  url: string;
};

const line = (plan: StreamPlan, model: string, rest: string) =>
  `{"model":${JSON.stringify(model)},"created_at":"2025-10-09T10:00:00.000000Z",${rest}}${plan.crlf ? '\r\n' : '\n'}`;

const ollamaWire: Wire = {
  contentType: 'application/x-ndjson',
  head: () => '',
  token: (plan, model, text) =>
    line(plan, model, `"message":{"role":"assistant","content":${JSON.stringify(text)}},"done":false`),
  reasoning: (plan, model, text) =>
    line(plan, model, `"message":{"role":"assistant","content":"","thinking":${JSON.stringify(text)}},"done":false`),
  tail(plan, model) {
    const { finishReason = 'stop', tokens = [], reasoning = [] } = plan;
    if (finishReason === null) return '';
    const usage = plan.usage ?? { promptTokens: 10, completionTokens: tokens.length + reasoning.length };
    const counts =
      plan.usage === null
        ? ''
        : `,"prompt_eval_count":${usage.promptTokens},"prompt_eval_duration":1000000,"eval_count":${usage.completionTokens},"eval_duration":1000000`;
    const reason = JSON.stringify(finishReason);
    const message = '"message":{"role":"assistant","content":""}';
    return line(plan, model, `${message},"done":true,"done_reason":${reason},"total_duration":2000000${counts}`);
  },
  malformed: (plan) => `{"model":"scripted","message":{"role":"assistant","content":"un${plan.crlf ? '\r\n' : '\n'}`,
  error: (_plan, error) => `${JSON.stringify({ error: typeof error === 'string' ? error : 'scripted failure' })}\n`,
  ping: '\n',
};

/** An Ollama server that says what it is told, at the pace and with the faults it is told. */
export async function startScriptedOllama(options: ScriptedOllamaOptions = {}): Promise<ScriptedOllama> {
  const wheel = createTimerWheel();
  const models = (): ScriptedOllamaModel[] => {
    if (options.models) return typeof options.models === 'function' ? options.models() : options.models;
    return ['scripted', 'echo', ...Object.keys(options.plans ?? {})].map((name) => ({ name }));
  };
  const details = ({ family = 'llama', quantization = 'Q4_K_M' }: ScriptedOllamaModel) => ({
    parent_model: '',
    format: 'gguf',
    family,
    families: [family],
    parameter_size: '3.2B',
    quantization_level: quantization,
  });

  async function chat(body: OllamaChatBody, request: RecordedRequest, response: ServerResponse): Promise<void> {
    const plan =
      options.script?.(body, request) ??
      options.plans?.[body.model] ??
      planFromModelName(body.model, body.messages.at(-1)?.content ?? '');
    if (!plan) return sendJson(response, 404, { error: `model '${body.model}' not found` });
    if (plan.fault?.type === 'status') {
      const { status, headers } = plan.fault;
      const text = plan.fault.body ?? { error: `scripted error ${status} at http://upstream.internal:11434` };
      return sendJson(response, status, text, headers);
    }
    await playPlan({ response, wire: ollamaWire, plan, model: body.model, wheel });
  }

  const pulled: string[] = [];

  async function pull(name: string, response: ServerResponse): Promise<void> {
    const plan = options.pulls?.[name];
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const write = (line: object) => void response.write(`${JSON.stringify(line)}\n`);
    write({ status: 'pulling manifest' });
    if (!plan) return void response.end(`${JSON.stringify({ error: 'pull model manifest: file does not exist' })}\n`);
    for (const [index, total] of plan.layers.entries()) {
      for (let step = 0; step <= 4 && !response.destroyed; step++) {
        write({ status: `pulling ${index}`, digest: `sha256:${index}`, total, completed: (total * step) / 4 });
        if (plan.pauseMs) await pauseAsPlanned(plan, response);
      }
      if (plan.fault === 'silent') return;
      if (plan.fault === 'cut') return void response.destroy();
      if (plan.fault === 'error') return void response.end(`${JSON.stringify({ error: 'no space left on device' })}\n`);
    }
    if (response.destroyed) return;
    pulled.push(name);
    write({ status: 'verifying sha256 digest' });
    response.end(`${JSON.stringify({ status: 'success' })}\n`);
  }

  const server = await startScriptedServer(options, async (request, response) => {
    const route = `${request.method} ${request.path}`;
    if (route === 'POST /api/embed') return answerEmbeddings(request, response);
    if (route === 'POST /api/chat') return chat(request.body as OllamaChatBody, request, response);
    if (route === 'GET /api/version') return sendJson(response, 200, { version: '0.12.3' });
    if (route === 'POST /api/pull') return pull((request.body as { name: string }).name, response);
    if (route === 'DELETE /api/delete') {
      const { name } = request.body as { name: string };
      const at = pulled.indexOf(name);
      if (at < 0) return sendJson(response, 404, { error: `model '${name}' not found` });
      pulled.splice(at, 1);
      return sendJson(response, 200, {});
    }
    if (route === 'GET /api/tags') {
      const listed = [...models(), ...pulled.map((name): ScriptedOllamaModel => ({ name }))].map((model, index) => ({
        name: model.name,
        model: model.name,
        modified_at: '2025-10-09T10:00:00.000000Z',
        size: model.sizeBytes ?? 2_019_393_189,
        digest: `digest-${index}-${model.name}-${model.contextLength ?? 0}`,
        details: details(model),
      }));
      return sendJson(response, 200, { models: listed });
    }
    if (route === 'POST /api/show') {
      const { model: name } = request.body as { model: string };
      const model = models().find((candidate) => candidate.name === name);
      if (!model) return sendJson(response, 404, { error: `model '${name}' not found` });
      const { family = 'llama', contextLength = 131_072, capabilities = ['completion'] } = model;
      const info = { 'general.architecture': family, [`${family}.context_length`]: contextLength };
      return sendJson(response, 200, { details: details(model), model_info: info, capabilities });
    }
    sendJson(response, 404, { error: 'not found' });
  });

  return {
    ...server,
    url: server.origin,
    async close() {
      wheel.stop();
      await server.close();
    },
  };
}

if (import.meta.main) {
  const ollama = await startScriptedOllama({ port: Number(process.argv[2] ?? 0) });
  console.log(JSON.stringify({ url: ollama.url, port: ollama.port }));
  process.once('SIGTERM', () => void ollama.close());
}
