import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { AHEAD_CHARACTERS } from '../limits.ts';
import { DAMAGED, Refusal } from '../refusal.ts';
import type { FromProcess, ToProcess } from './messages.ts';
import { readDocument } from './read-document.ts';

/**
 * The program that reads documents, started by the server with a memory limit and without its environment. It reads
 * one document at a time and stays for the next one. Whatever happens to it, the server goes on.
 */
const maxBytes = Number(process.argv[2]);
let ahead = 0;
let resume: (() => void) | null = null;

// `.ts` where Node strips the types, `.js` where they were compiled away.
const watchdog = new URL(`./watchdog${extname(fileURLToPath(import.meta.url))}`, import.meta.url);
new Worker(watchdog, {
  workerData: { parent: process.ppid, maxBytes },
  resourceLimits: { maxOldGenerationSizeMb: 16 },
}).unref();

process.on('message', (message: ToProcess) => {
  if (message.type === 'taken') {
    ahead -= message.characters;
    if (ahead < AHEAD_CHARACTERS) resume?.();
  } else void read(message);
});
process.on('disconnect', () => process.exit());
tell({ type: 'ready' });

async function read({ id, path, kind }: Extract<ToProcess, { type: 'read' }>): Promise<void> {
  ahead = 0;
  try {
    for await (const one of readDocument(path, kind)) {
      if ('fraction' in one) {
        tell({ type: 'progress', id, fraction: one.fraction });
        continue;
      }
      ahead += one.section.text.length;
      tell({ type: 'section', id, section: one.section });
      if (ahead >= AHEAD_CHARACTERS) await taken();
    }
    tell({ type: 'done', id });
  } catch (error) {
    tell({ id, ...outcome(error) });
  }
}

/** Until the server has taken so much that it may be sent more. */
async function taken(): Promise<void> {
  await new Promise<void>((resolve) => {
    resume = resolve;
  });
  resume = null;
}

function tell(message: FromProcess): void {
  process.send?.(message);
}

function outcome(error: unknown) {
  if (error instanceof Refusal) {
    return { type: 'refused', message: error.message, ...detailOf(error.cause) } as const;
  }
  const { code, syscall } = error as NodeJS.ErrnoException;
  // Parsers have codes too; only the file system has system calls.
  if (code && syscall) return { type: 'unreadable', detail: String(error) } as const;
  return { type: 'refused', message: DAMAGED, ...detailOf(error) } as const;
}

function detailOf(error: unknown): { detail?: string } {
  return error === undefined
    ? {}
    : { detail: (error instanceof Error ? (error.stack ?? error.message) : String(error)).slice(0, 2_000) };
}
