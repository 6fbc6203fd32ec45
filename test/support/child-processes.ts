import { readdir, readFile } from 'node:fs/promises';

/** Ids of the processes that this one has started whose command line holds `program`. */
export async function childProcesses(program: string, parent = process.pid): Promise<number[]> {
  const found = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => {
        try {
          const stat = await readFile(`/proc/${name}/stat`, 'utf8');
          // The name of the program stands in brackets, and may hold anything.
          const ppid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
          const command = await readFile(`/proc/${name}/cmdline`, 'utf8');
          return ppid === parent && command.includes(program) ? Number(name) : null;
        } catch {
          // It has ended meanwhile.
          return null;
        }
      }),
  );
  return found.filter((pid) => pid !== null);
}
