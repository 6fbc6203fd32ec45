import type { ServerResponse } from 'node:http';
import { type RecordedRequest, type ScriptedServer, sendJson, startScriptedServer } from './scripted-server.ts';

export type EmbeddingsBody = { model: string; input: string | string[]; encoding_format?: string };

/** What a server does in place of a good answer. */
export type EmbeddingsFault =
  | { type: 'status'; status: number; body?: string | object; headers?: Record<string, string> }
  /** Says nothing, ever. */
  | { type: 'silent' }
  /** Breaks the connection: before the answer, or in the middle of it. */
  | { type: 'cut'; after: 'nothing' | 'half' }
  /** These in place of the vectors; or this text in place of the answer. */
  | { type: 'vectors'; vectors: unknown[] }
  | { type: 'text'; text: string };

export type EmbeddingsScript = (body: EmbeddingsBody, request: RecordedRequest) => EmbeddingsFault | undefined;

export const EMBEDDING_DIMENSIONS = 256;

/** A number for each word, counted: texts that share words are near each other, and others are not. Not of length 1. */
export function bagOfWords(text: string, dimensions = EMBEDDING_DIMENSIONS): number[] {
  const counts = new Array<number>(dimensions).fill(0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ['']) {
    let hash = 2_166_136_261;
    for (const character of word) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0;
    const place = hash % dimensions;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
}

/** `POST /api/embed` of Ollama and `POST /v1/embeddings` of OpenAI, by the path of the request. */
export async function answerEmbeddings(
  request: RecordedRequest,
  response: ServerResponse,
  script?: EmbeddingsScript | undefined,
): Promise<void> {
  const body = request.body as EmbeddingsBody;
  const texts = [body.input].flat();
  const fault = script?.(body, request);
  if (fault?.type === 'status') {
    const reason = `scripted error ${fault.status} at http://upstream.internal:11434 for key sk-scripted-secret-0123456789`;
    return sendJson(response, fault.status, fault.body ?? { error: { message: reason } }, fault.headers);
  }
  if (fault?.type === 'silent') return;
  if (fault?.type === 'cut' && fault.after === 'nothing') return void response.destroy();
  const vectors = fault?.type === 'vectors' ? fault.vectors : texts.map((text) => bagOfWords(text));
  const encode = (vector: unknown) =>
    body.encoding_format === 'base64' && Array.isArray(vector)
      ? Buffer.from(Float32Array.from(vector as number[]).buffer).toString('base64')
      : vector;
  const answer =
    request.path === '/api/embed'
      ? { model: body.model, embeddings: vectors, prompt_eval_count: texts.length }
      : {
          object: 'list',
          model: body.model,
          // As the API allows, in any order.
          data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: encode(vector) })).reverse(),
          usage: { prompt_tokens: texts.length, total_tokens: texts.length },
        };
  const text = fault?.type === 'text' ? fault.text : JSON.stringify(answer);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  if (fault?.type !== 'cut') return void response.end(text);
  response.write(text.slice(0, text.length / 2), () => response.destroy());
}

/** A server with embedding models only, of both kinds. */
export async function startScriptedEmbeddings(
  options: { port?: number; script?: EmbeddingsScript; apiKey?: string } = {},
): Promise<ScriptedServer> {
  return startScriptedServer(options, (request, response) => {
    if (options.apiKey !== undefined && request.headers.authorization !== `Bearer ${options.apiKey}`) {
      return sendJson(response, 401, { error: { message: `Incorrect API key provided: ${options.apiKey}` } });
    }
    const known = request.method === 'POST' && ['/api/embed', '/v1/embeddings'].includes(request.path);
    return known
      ? answerEmbeddings(request, response, options.script)
      : sendJson(response, 404, { error: { message: 'not found' } });
  });
}
