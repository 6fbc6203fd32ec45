import type { ServerResponse } from 'node:http';
import { playPlan, type Wire } from './plan-player.ts';
import { answerEmbeddings } from './scripted-embeddings.ts';
import { type RecordedRequest, type ScriptedServer, sendJson, startScriptedServer } from './scripted-server.ts';
import { planFromModelName, type StreamPlan } from './stream-plan.ts';
import { createTimerWheel } from './timer-wheel.ts';

export type ChatCompletionBody = {
  model: string;
  messages: { role: string; content: string }[];
  stream?: boolean;
  [option: string]: unknown;
};

export type ScriptedUpstreamOptions = {
  /** 0 or left out: any free one. */
  port?: number;
  host?: string;
  /** Chooses the answer; undefined falls through to `plans`, then to what the model's name says. */
  script?: (body: ChatCompletionBody, request: RecordedRequest) => StreamPlan | undefined;
  /** By model name. */
  plans?: Record<string, StreamPlan>;
  /** What `GET /v1/models` lists, as objects of the API. */
  models?: object[] | (() => object[]);
  /** Requests without it get 401. */
  apiKey?: string;
};

export type ScriptedUpstream = ScriptedServer & {
  /** `http://127.0.0.1:<port>/v1` */
  url: string;
};

const HEAD = (model: string) =>
  `{"id":"chatcmpl-scripted","object":"chat.completion.chunk","created":1760000000,"model":${JSON.stringify(model)},"system_fingerprint":null,`;

function event(plan: StreamPlan, data: string): string {
  const end = plan.crlf ? '\r\n' : '\n';
  const field = plan.noSpace ? 'data:' : 'data: ';
  const lines = plan.multiLine && data.startsWith('{') ? data.replace('"choices"', '\n"choices"').split('\n') : [data];
  return lines.map((line) => field + line + end).join('') + end;
}

const delta = (plan: StreamPlan, model: string, content: string, finish = 'null') =>
  event(plan, `${HEAD(model)}"choices":[{"index":0,"delta":${content},"logprobs":null,"finish_reason":${finish}}]}`);

export const openAiWire: Wire = {
  contentType: 'text/event-stream; charset=utf-8',
  head: (plan, model) => delta(plan, model, '{"role":"assistant","content":"","refusal":null}'),
  token: (plan, model, text) => delta(plan, model, `{"content":${JSON.stringify(text)}}`),
  reasoning: (plan, model, text) =>
    delta(plan, model, `{"content":null,"${plan.reasoningField ?? 'reasoning_content'}":${JSON.stringify(text)}}`),
  tail(plan, model) {
    const { finishReason = 'stop', tokens = [], reasoning = [] } = plan;
    let text = finishReason === null ? '' : delta(plan, model, '{}', JSON.stringify(finishReason));
    if (plan.usage !== null) {
      const { promptTokens, completionTokens } = plan.usage ?? {
        promptTokens: 10,
        completionTokens: tokens.length + reasoning.length,
      };
      const usage = {
        prompt_tokens: promptTokens,
        completion_tokens: completionTokens,
        total_tokens: promptTokens + completionTokens,
      };
      text += event(plan, `${HEAD(model)}"choices":[],"usage":${JSON.stringify(usage)}}`);
    }
    return plan.omitDone ? text : text + event(plan, '[DONE]');
  },
  malformed: (plan) => event(plan, '{"id":"chatcmpl-scripted","choices":[{"index":0,"delta":{"content":"un'),
  error: (plan, error) => event(plan, JSON.stringify({ error })),
  ping: ': ping\n\n',
};

const errorBody = (status: number) => ({
  error: {
    message: `Scripted error ${status} at http://upstream.internal:8000/v1 for key sk-scripted-secret-0123456789`,
    type: status === 429 ? 'rate_limit_exceeded' : status >= 500 ? 'server_error' : 'invalid_request_error',
    param: null,
    code: null,
  },
});

/** An OpenAI-compatible server that says what it is told, at the pace and with the faults it is told. */
export async function startScriptedUpstream(options: ScriptedUpstreamOptions = {}): Promise<ScriptedUpstream> {
  const wheel = createTimerWheel();

  async function chat(request: RecordedRequest, response: ServerResponse): Promise<void> {
    const body = request.body as ChatCompletionBody;
    const plan =
      options.script?.(body, request) ??
      options.plans?.[body.model] ??
      planFromModelName(body.model, body.messages.at(-1)?.content ?? '');
    if (!plan) {
      const message = `The model \`${body.model}\` does not exist or you do not have access to it.`;
      return sendJson(response, 404, { error: { message, type: 'invalid_request_error', code: 'model_not_found' } });
    }
    if (plan.fault?.type === 'status') {
      const { status, body: text = errorBody(status), headers } = plan.fault;
      return sendJson(response, status, text, headers);
    }
    await playPlan({ response, wire: openAiWire, plan, model: body.model, wheel });
  }

  const server = await startScriptedServer(options, async (request, response) => {
    if (options.apiKey !== undefined && request.headers.authorization !== `Bearer ${options.apiKey}`) {
      return sendJson(response, 401, errorBody(401));
    }
    if (request.method === 'POST' && request.path === '/v1/chat/completions') return chat(request, response);
    if (request.method === 'POST' && request.path === '/v1/embeddings') return answerEmbeddings(request, response);
    if (request.method === 'GET' && request.path === '/v1/models') {
      const listed = typeof options.models === 'function' ? options.models() : options.models;
      const named = ['scripted', 'echo', ...Object.keys(options.plans ?? {})];
      const data = listed ?? named.map((id) => ({ id, object: 'model', created: 1760000000, owned_by: 'test' }));
      return sendJson(response, 200, { object: 'list', data });
    }
    sendJson(response, 404, errorBody(404));
  });

  return {
    ...server,
    url: `${server.origin}/v1`,
    async close() {
      wheel.stop();
      await server.close();
    },
  };
}

// `node test/support/scripted-upstream.ts [port]` runs it by itself: for a benchmark's own process, or to try a client by hand.
if (import.meta.main) {
  const upstream = await startScriptedUpstream({ port: Number(process.argv[2] ?? 0) });
  console.log(JSON.stringify({ url: upstream.url, port: upstream.port }));
  process.once('SIGTERM', () => void upstream.close());
}
