import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import {
  pauseAsPlanned,
  type RecordedRequest,
  type ScriptedServer,
  sendJson,
  startScriptedServer,
} from './scripted-server.ts';

export type HubPlan = {
  /** What is sent with this status instead of the file. */
  status?: number;
  /** Nothing is sent. */
  silent?: 'at once' | { afterBytes: number };
  /** The connection is cut after so many bytes of an answer, so many times. */
  cut?: { afterBytes: number; times: number };
  /** It cannot begin in the middle. */
  noRanges?: boolean;
  noTag?: boolean;
  /** The list says another checksum. */
  wrongChecksum?: boolean;
  /** Pauses after each piece. */
  pauseMs?: number;
  /** The size is not told. */
  noLength?: boolean;
};

export type ScriptedHub = {
  url: string;
  hub: ScriptedServer;
  /** Where the bytes are: another origin. */
  storage: ScriptedServer;
  /** Bytes of files that were sent. */
  sent(): number;
  /** `owner/repository/path`: another file from now on. */
  replace(path: string, bytes: Buffer): void;
  close(): Promise<void>;
};

const PIECE = 16_384;

/** A model hub as Hugging Face's is: a list of files, and addresses that lead to another server. */
export async function startScriptedHub(options: {
  /** By `owner/repository/path`. */
  files: Record<string, Buffer>;
  plan?: (path: string) => HubPlan | undefined;
  /** Only whoever has it gets anything. */
  token?: string;
}): Promise<ScriptedHub> {
  const files = new Map(Object.entries(options.files));
  const cuts = new Map<string, number>();
  let sent = 0;
  const planOf = (path: string) => options.plan?.(path) ?? {};

  async function send(path: string, request: RecordedRequest, response: ServerResponse): Promise<void> {
    const plan = planOf(path);
    const bytes = files.get(path);
    if (!bytes) return sendJson(response, 404, { error: 'Entry not found' });
    const tag = `"${createHash('sha1').update(bytes).digest('hex')}"`;
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
    const isSame = (request.headers['if-range'] ?? tag) === tag;
    const start = range && !plan.noRanges && isSame ? Number(range) : 0;
    if (start >= bytes.length && start > 0) return sendJson(response, 416, {});
    response.writeHead(start > 0 ? 206 : 200, {
      'content-type': 'application/octet-stream',
      ...(!plan.noLength && { 'content-length': bytes.length - start }),
      ...(start > 0 && { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
      ...(!plan.noTag && { etag: tag }),
    });
    response.flushHeaders();
    for (let at = start; at < bytes.length && !response.destroyed; at += PIECE) {
      const { cut, silent } = plan;
      if (typeof silent === 'object' && at - start >= silent.afterBytes) return;
      if (cut && at - start >= cut.afterBytes && (cuts.get(path) ?? 0) < cut.times) {
        cuts.set(path, (cuts.get(path) ?? 0) + 1);
        response.destroy();
        return;
      }
      const piece = bytes.subarray(at, at + PIECE);
      sent += piece.length;
      if (!response.write(piece))
        await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
      if (plan.pauseMs) await pauseAsPlanned(plan, response);
    }
    response.end();
  }

  const storage = await startScriptedServer({}, (request, response) =>
    send(decodeURIComponent(request.path.slice('/bytes/'.length)), request, response),
  );
  const hub = await startScriptedServer({}, (request, response) => {
    const [path = ''] = request.path.split('?');
    const isKnown = !options.token || request.headers.authorization === `Bearer ${options.token}`;
    if (!isKnown) return sendJson(response, 401, { error: 'Repository not found' });
    const listed = /^\/api\/models\/(.+?)\/tree\/main$/.exec(path)?.[1];
    if (listed) {
      const found = [...files].filter(([name]) => name.startsWith(`${listed}/`));
      if (found.length === 0) return sendJson(response, 404, { error: 'Repository not found' });
      const entries = found.map(([name, bytes]) => {
        const content = planOf(name).wrongChecksum ? Buffer.from('another') : bytes;
        const oid = createHash('sha256').update(content).digest('hex');
        return {
          type: 'file',
          path: name.slice(listed.length + 1),
          size: bytes.length,
          lfs: { oid, size: bytes.length },
        };
      });
      return sendJson(response, 200, [{ type: 'directory', path: 'sub' }, ...entries]);
    }
    const [, repository, file] = /^\/([^/]+\/[^/]+)\/resolve\/main\/(.+)$/.exec(path) ?? [];
    const name = `${repository}/${decodeURIComponent(file ?? '')}`;
    const { status, silent } = planOf(name);
    if (silent === 'at once') return;
    if (status) return sendJson(response, status, { error: 'no' });
    if (!files.has(name)) return sendJson(response, 404, { error: 'Entry not found' });
    response.writeHead(302, { location: `${storage.origin}/bytes/${encodeURIComponent(name)}` }).end();
  });

  return {
    url: hub.origin,
    hub,
    storage,
    sent: () => sent,
    replace: (path, bytes) => void files.set(path, bytes),
    async close() {
      await Promise.all([hub.close(), storage.close()]);
    },
  };
}
