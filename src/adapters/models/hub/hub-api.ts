import { AppError, notFound } from '../../../errors.ts';
import { errorCode } from '../../../util/error-code.ts';
import type { HubRepository } from './hub-source.ts';

export type HubFile = {
  /** In the repository. */
  path: string;
  sizeBytes: number | null;
  /** SHA-256 of its bytes, in hex. Null: the hub does not tell. */
  sha256: string | null;
};

export type HubApi = {
  /** Throws AppError. */
  listFiles(repository: HubRepository, signal: AbortSignal): Promise<HubFile[]>;
  urlOf(repository: HubRepository, path: string): URL;
  /** The answer to a request of a file, whatever its status. Throws AppError where there is none. */
  open(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Response>;
  /** In words for an admin. */
  refusal(status: number, repository: HubRepository): AppError;
};

const MOST_BYTES = 16_000_000;
const MOST_FILES = 2_000;

/** A hub that speaks Hugging Face's API. */
export function createHubApi(options: { endpoint: string; token: string | null; answerMs: number }): HubApi {
  const { token, answerMs } = options;
  const endpoint = `${options.endpoint.replace(/\/+$/, '')}/`;
  const isSecure = endpoint.startsWith('https:');

  async function open(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort('late'), answerMs);
    try {
      // The token is for the hub alone: fetch leaves it out where an answer leads to another origin.
      const authorization: Record<string, string> =
        token && url.href.startsWith(endpoint) ? { authorization: `Bearer ${token}` } : {};
      const response = await fetch(url, {
        headers: { ...headers, ...authorization, 'accept-encoding': 'identity' },
        signal: AbortSignal.any([signal, late.signal]),
      });
      if (isSecure && !response.url.startsWith('https:')) {
        await response.body?.cancel();
        throw unreachable('it leads to an address without encryption', false);
      }
      return response;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof AppError) throw error;
      if (late.signal.aborted) throw unreachable(`it does not answer within ${Math.round(answerMs / 1_000)} s`, true);
      throw unreachable(errorCode(error) ?? 'the connection failed', true);
    } finally {
      clearTimeout(timer);
    }
  }

  function refusal(status: number, { repository }: HubRepository): AppError {
    if (status === 404) return notFound(`file in ${repository} on the model hub`);
    if (status === 401 || status === 403) {
      const way = token ? 'HF_TOKEN has no access to it' : 'HF_TOKEN has to be set to a token that has access';
      const message = `The model hub does not give ${repository} to everybody, or does not know it: ${way}.`;
      return new AppError({ code: 'PROVIDER_UNAVAILABLE', message });
    }
    const retryable = status === 429 || status >= 500;
    return new AppError({ code: 'PROVIDER_UNAVAILABLE', message: `The model hub failed (HTTP ${status}).`, retryable });
  }

  return {
    async listFiles(repository, signal) {
      const at = encodeURIComponent(repository.revision);
      const url = new URL(`api/models/${repository.repository}/tree/${at}?recursive=true`, endpoint);
      const response = await open(url, {}, signal);
      if (!response.ok) {
        await response.body?.cancel();
        throw refusal(response.status, repository);
      }
      return readFiles(await readText(response, signal));
    },
    urlOf: ({ repository, revision }, path) =>
      new URL(
        `${repository}/resolve/${encodeURIComponent(revision)}/${path.split('/').map(encodeURIComponent).join('/')}`,
        endpoint,
      ),
    open,
    refusal,
  };
}

async function readText(response: Response, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > MOST_BYTES) throw unreachable('its list of files is too long', false);
      chunks.push(chunk);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof AppError ? error : unreachable('the connection broke', true);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readFiles(text: string): HubFile[] {
  let listed: unknown;
  try {
    listed = JSON.parse(text);
  } catch {
    throw unreachable('its answer cannot be read', false);
  }
  if (!Array.isArray(listed)) throw unreachable('its answer cannot be read', false);
  const files = listed.filter((entry) => entry?.type === 'file' && typeof entry.path === 'string');
  return files.slice(0, MOST_FILES).map(({ path, size, lfs }) => ({
    path,
    sizeBytes: typeof size === 'number' ? size : null,
    sha256: typeof lfs?.oid === 'string' && /^[0-9a-f]{64}$/.test(lfs.oid) ? lfs.oid : null,
  }));
}

export function unreachable(reason: string, retryable: boolean): AppError {
  return new AppError({ code: 'PROVIDER_UNAVAILABLE', message: `The model hub cannot be used: ${reason}.`, retryable });
}
