import { execFile } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type ProgramSearch = {
  /** For messages: "PostgreSQL". */
  title: string;
  /** Whole paths, the best first. */
  candidates: () => string[];
  /** Tries a candidate; one that throws or says false is passed over. */
  accept: (path: string) => Promise<boolean>;
  /** What apt-get installs it from. */
  packages: string[];
  /** The variable that names one that is there already. */
  variable: string;
};

/** Finds a program, or installs it where that is possible. Never settles for less: throws and names what is missing. */
export async function findProgram(search: ProgramSearch): Promise<string> {
  const found = await firstAccepted(search);
  if (found !== undefined) return found;
  const problem = await install(search);
  const installed = problem === undefined ? await firstAccepted(search) : undefined;
  if (installed !== undefined) return installed;
  throw new Error(
    `The tests need ${search.title}: install it (Debian, Ubuntu: apt-get install ${search.packages.join(' ')}) or set ` +
      `${search.variable}.${problem === undefined ? '' : ` ${problem}`}`,
  );
}

/** `name` in every folder of PATH. */
export function onPath(name: string): string[] {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name));
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Sub-folders, the highest version first; none where the folder is missing. */
export function versionFolders(folder: string): string[] {
  try {
    return readdirSync(folder).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  } catch {
    return [];
  }
}

async function firstAccepted(search: ProgramSearch): Promise<string | undefined> {
  for (const path of new Set(search.candidates())) {
    if (isExecutable(path) && (await search.accept(path).catch(() => false))) return path;
  }
  return undefined;
}

/** Returns what stood in the way, if anything did. */
async function install(search: ProgramSearch): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'It can be installed by the tests themselves only as root.';
  if (!onPath('apt-get').some(isExecutable)) return 'There is no apt-get here that could install it.';
  console.error(`Installing ${search.title} with apt-get …`);
  // RUNLEVEL keeps Debian's packages from starting a server of their own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  try {
    await run('apt-get', ['update', '-qq'], { env, maxBuffer: 1 << 26 });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...search.packages], {
      env,
      maxBuffer: 1 << 26,
    });
    return undefined;
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    return `apt-get failed: ${(stderr ?? String(error)).trim().split('\n').at(-1)}`;
  }
}
