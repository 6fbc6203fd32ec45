import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Engine } from './engine.ts';

type Request = { id: number; method?: string; params?: unknown };
type EngineError = Error & { code?: string; meta?: unknown };

/** Prisma's code for a failure that the `data` of the error explains. */
const USER_FACING_ERROR = 4466;
/** Requests of the engine to the CLI need ids of their own. */
const PRINT_ID_OFFSET = 1_000_000;

/** Answers JSON-RPC requests, one per line and one at a time, until the input ends. */
export async function serve(input: Readable, output: Writable, open: () => Promise<Engine>): Promise<void> {
  const send = (message: object) => output.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  // Opened by the first request: what goes wrong is then answered as that request's error.
  let opened: Promise<Engine> | undefined;
  try {
    for await (const line of createInterface({ input })) {
      const request = JSON.parse(line) as Request;
      // Answers to what the engine has printed have no method.
      if (request.method === undefined) continue;
      try {
        opened ??= open();
        const result = await (await opened).call(request.method, request.params);
        const printed = request.method === 'diff' ? (result as { stdout?: string | null }).stdout : undefined;
        if (printed) send({ id: PRINT_ID_OFFSET + request.id, method: 'print', params: { content: printed } });
        send({ id: request.id, result });
      } catch (error) {
        send({ id: request.id, error: describe(error) });
      }
    }
  } finally {
    const engine = await opened?.catch(() => undefined);
    await engine?.close();
  }
}

function describe(error: unknown) {
  const { message, code, meta } = (error instanceof Error ? error : new Error(String(error))) as EngineError;
  return {
    code: USER_FACING_ERROR,
    message: 'An error happened. Check the data field for details.',
    data: { is_panic: false, message, error_code: code, meta: meta ?? null },
  };
}
