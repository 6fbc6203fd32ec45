import { badInput } from '../../../errors.ts';

/** A file, or the one of a quantization, in a repository of the hub. */
export type HubSource = { repository: string; revision: string } & (
  | { path: string; quantization: null }
  | { path: null; quantization: string }
);

export type HubRepository = Pick<HubSource, 'repository' | 'revision'>;

const FORM =
  'A model is pulled as llama-cpp/hf:owner/repository/file.gguf, or as llama-cpp/hf:owner/repository:Q4_K_M.';
const PREFIX = 'hf:';
const SEGMENT = /^[\w-][\w.-]*$/;
const QUANTIZATION = /^[\w-]{2,32}$/;
const REVISION = /^[\w-][\w./-]{0,99}$/;
const LONGEST = 500;

/** Reads what follows `llama-cpp/`. Throws BAD_USER_INPUT: nothing but files of the configured hub can be named. */
export function readHubSource(source: string, field: string): HubSource {
  const { repository, revision, rest, quantization } = read(source, field);
  if (quantization !== null) {
    if (rest.length > 0 || !QUANTIZATION.test(quantization)) throw wrong(field);
    return { repository, revision, path: null, quantization };
  }
  if (!/^[^.].*\.gguf$/i.test(rest.at(-1) ?? '')) throw wrong(field);
  return { repository, revision, path: rest.join('/'), quantization: null };
}

/** As `readHubSource`, where only the repository matters. */
export function readHubRepository(source: string, field: string): HubRepository {
  const { repository, revision } = read(source, field);
  return { repository, revision };
}

function read(source: string, field: string) {
  if (!source.startsWith(PREFIX) || source.length > LONGEST) throw wrong(field);
  const [location = '', revision = 'main', ...more] = source.slice(PREFIX.length).split('#');
  const [place = '', quantization = null, ...others] = location.split(':');
  const segments = place.split('/');
  const [owner = '', name = '', ...rest] = segments;
  const isPath = segments.every((segment) => SEGMENT.test(segment));
  const isRevision = REVISION.test(revision) && !revision.includes('..');
  if (!isPath || !isRevision || more.length > 0 || others.length > 0 || owner === '' || name === '') throw wrong(field);
  return { repository: `${owner}/${name}`, revision, rest, quantization };
}

function wrong(field: string) {
  return badInput({ [field]: FORM });
}
