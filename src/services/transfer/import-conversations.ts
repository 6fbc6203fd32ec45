import { setImmediate } from 'node:timers/promises';
import { AppError, badInput } from '../../errors.ts';
import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { ImportText } from '../../ports/import-file.ts';
import { uniqueViolation } from '../../util/database-errors.ts';
import { isUuid } from '../../util/ids.ts';
import { derivedId } from './derived-id.ts';
import { FORMAT, VERSION } from './export-format.ts';
import { JsonFault, readElements } from './json-elements.ts';
import { readConversation, titleOf } from './read-conversation.ts';
import { storeConversation } from './store-conversation.ts';

/** `index`: its place among the conversations of the file, from 0. */
export type ImportFailure = { index: number; title: string | null; message: string };

export type ImportResult = {
  imported: number;
  /** They were there already. */
  skipped: number;
  failedCount: number;
  /** The first of those. */
  failed: ImportFailure[];
};

export type ImportDependencies = {
  prisma: PrismaClient;
  now: () => Date;
  createId: () => string;
  titleFrom: (prompt: string) => string;
  changed: (userId: string, conversationId: string) => void;
};

const MAX_LISTED = 100;
/** A file of which so many are broken is no export. */
const MAX_FAILURES = 10_000;

/**
 * One conversation after the other, each whole or not at all, so whatever breaks it off, the same file again goes on
 * where it was. The id of a conversation follows from the user and the id in the file: it is never there twice, two users
 * can import one file, and what another user has is neither found nor touched. Throws the reason of `signal`, and
 * AppError where the file is no export at all, and where the account is closed meanwhile.
 */
export async function importConversations(
  deps: ImportDependencies,
  userId: string,
  texts: AsyncIterable<ImportText>,
  signal: AbortSignal | undefined,
): Promise<ImportResult> {
  const result: ImportResult = { imported: 0, skipped: 0, failedCount: 0, failed: [] };
  let offset = 0;
  let count = 0;

  function fail(title: string | null, message: string): void {
    result.failedCount += 1;
    if (result.failed.length < MAX_LISTED) result.failed.push({ index: offset + count, title, message });
    if (result.failedCount > MAX_FAILURES) throw badInput({ file: 'Too many of its conversations are broken.' });
  }

  async function take(json: string): Promise<void> {
    let given: unknown;
    try {
      given = JSON.parse(json);
    } catch {
      return fail(null, 'It is not valid JSON.');
    }
    try {
      const outcome = await importOne(deps, userId, given);
      result[outcome] += 1;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'BAD_USER_INPUT') throw error;
      fail(titleOf(given), error.message);
    }
  }

  for await (const { name, chunks } of texts) {
    try {
      for await (const element of readElements(chunks, checkHeader)) {
        // The embedded database answers without the event loop, where everybody else waits for their turn.
        await setImmediate();
        signal?.throwIfAborted();
        count = element.index;
        if ('fault' in element) fail(null, element.fault);
        else await take(element.text);
        count += 1;
      }
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      // What came before it stays.
      if (offset + count === 0) throw new AppError({ code: 'UNSUPPORTED_MEDIA_TYPE', message: noExport(error) });
      fail(null, `${name === null ? '' : `${name}: `}${error.message}`);
    }
    offset += count;
    count = 0;
  }
  return result;
}

/** Nothing is added to an account that is closed, perhaps to be deleted with all that it has. */
const LOOK = `
SELECT EXISTS (SELECT FROM users WHERE id = $1::uuid AND disabled_at IS NULL) AS open,
  EXISTS (SELECT FROM conversations WHERE id = ANY($2::uuid[]) AND user_id = $1::uuid) AS known`;

async function importOne(deps: ImportDependencies, userId: string, given: unknown): Promise<'imported' | 'skipped'> {
  const document = readConversation(given, deps.titleFrom);
  const id = derivedId('conversation', userId, document.id);
  const known = [id, ...(isUuid(document.id) ? [document.id] : [])];
  const isThere = async () => {
    const [found] = await deps.prisma.$queryRawUnsafe<{ open: boolean; known: boolean }[]>(LOOK, userId, known);
    if (!found?.open) throw new AppError({ code: 'UNAUTHENTICATED', message: 'This account is closed.' });
    return found.known;
  };
  if (await isThere()) return 'skipped';
  try {
    await storeConversation(deps, userId, id, document);
  } catch (error) {
    // The same file is being imported a second time at this moment.
    if (uniqueViolation(error) && (await isThere())) return 'skipped';
    throw error;
  }
  deps.changed(userId, id);
  return 'imported';
}

/** What an export says of itself. Others say nothing. */
function checkHeader(members: Record<string, unknown>): void {
  const { format, version } = members;
  if (format !== undefined && format !== FORMAT) {
    throw new AppError({ code: 'UNSUPPORTED_MEDIA_TYPE', message: 'The file is an export of something else.' });
  }
  if (version !== undefined && version !== VERSION) {
    throw new AppError({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      message: `The file has version ${String(version).slice(0, 20)} of the format. This server knows version ${VERSION}.`,
    });
  }
}

function noExport(error: JsonFault): string {
  return `The file is neither a Colloquy export nor a ChatGPT export. ${error.message}`;
}
