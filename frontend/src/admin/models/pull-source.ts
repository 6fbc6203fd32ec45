export const PULL_SOURCES = ['ollama', 'hub'] as const;

export type PullSource = (typeof PULL_SOURCES)[number];

/** What somebody wants to fetch: a model, or to be shown what a repository has. Null: it cannot be read so. */
export type PullTarget = { kind: 'model'; model: string } | { kind: 'repository'; repository: string; source: string };

const HUB_ADDRESS =
  /^https?:\/\/[^/]+\/([^/\s]+\/[^/\s]+?)(?:\/(?:blob|resolve)\/main\/([^?#\s]+)|\/tree\/[^?#\s]*)?\/?(?:[?#].*)?$/;
const REPOSITORY = /^[\w.-]+\/[\w.-]+$/;
const HUB_PREFIX = 'llama-cpp/hf:';

/** Reads a name as people write and paste it: with or without what the server has before it, or a page's address. */
export function readPullTarget(source: PullSource, written: string): PullTarget | null {
  const name = written.trim();
  if (name === '') return null;
  if (/^(?:ollama|local)\//i.test(name)) return { kind: 'model', model: name };
  if (source === 'ollama' && !name.startsWith(HUB_PREFIX)) return { kind: 'model', model: `ollama/${name}` };
  const [, repository, file] = HUB_ADDRESS.exec(name) ?? [];
  const path = repository ? [repository, file].filter(Boolean).join('/') : name.replace(/^(?:llama-cpp\/)?hf:/i, '');
  if (REPOSITORY.test(path)) return { kind: 'repository', repository: path, source: HUB_PREFIX + path };
  return /^[\w.-]+\/[\w.-]+[/:#]\S/.test(path) ? { kind: 'model', model: HUB_PREFIX + path } : null;
}

/** A file of a repository, as the server is asked for it. */
export const modelOfFile = (repository: string, file: string): string => `${HUB_PREFIX}${repository}/${file}`;

/** How a person is told of a model that is being fetched: without what only the server needs. */
export const shownModel = (model: string): string => model.replace(/^llama-cpp\/(?:hf:)?|^ollama\//, '');
