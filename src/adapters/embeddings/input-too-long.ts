/** The provider refused the texts for their length or number. Fewer or shorter ones may do. */
export class InputTooLong extends Error {}

/** How servers say so: OpenAI, vLLM, llama.cpp (with status 500), text-embeddings-inference, Ollama. */
const WORDS =
  /context (length|size|window)|maximum .{0,40}(tokens|length|batch)|(input|batch|prompt|request)\b.{0,40}\btoo (long|large|big)|too many (tokens|inputs)|exceeds?\b.{0,40}\b(limit|length|tokens|maximum)|> maximum allowed|physical batch size/i;

export function isTooLong(status: number, body: string): boolean {
  return status === 413 || ([400, 422, 500].includes(status) && WORDS.test(body));
}
