import { EXIT } from './exit-codes.ts';
import type { Output } from './output.ts';

export type RunMigrate = {
  onlyStatus: boolean;
  state: () => Promise<{ applied: string[]; pending: string[] }>;
  /** Returns the names of what it has applied. */
  migrate: () => Promise<string[]>;
  output: Output;
};

/** Returns the exit code: of a status, 1 where there is something to do. Throws AppError. */
export async function runMigrate({ onlyStatus, state, migrate, output }: RunMigrate): Promise<number> {
  if (!onlyStatus) {
    const applied = await migrate();
    output.show({ applied }, told(applied, 'applied', 'The database is up to date.\n'));
    return EXIT.done;
  }
  const found = await state();
  const done = `${migrations(found.applied.length)} applied.\n`;
  output.show(found, told(found.pending, 'pending', `The database is up to date: ${done}`));
  return found.pending.length > 0 ? EXIT.failed : EXIT.done;
}

function told(names: string[], what: string, nothing: string): string {
  if (names.length === 0) return nothing;
  return `${migrations(names.length)} ${what}:\n${names.map((name) => `  ${name}\n`).join('')}`;
}

function migrations(count: number): string {
  return count === 1 ? '1 migration' : `${count} migrations`;
}
