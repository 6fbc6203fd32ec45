import { AppError, badInput, notFound } from '../../errors.ts';
import type { Prisma, PrismaClient } from '../../generated/prisma/client.ts';
import type { Actor, AuditEntry, RecordAudit } from '../../ports/audit-log.ts';
import { isForeignKeyViolation, uniqueViolation } from '../../util/database-errors.ts';
import type { Viewer } from '../accounts/viewer.ts';

export type PromptsDependencies = {
  prisma: PrismaClient;
  record: RecordAudit;
  now: () => Date;
  createId: () => string;
  /** One for each kind of thing that can have a prompt; all of them hold a foreign key. */
  usedBy: readonly PromptUsers[];
};

/** Says who has a prompt in use, for a person: "2 conversations of alice and bob". Null: nobody of this kind. */
export type PromptUsers = (promptId: string) => Promise<string | null>;

export type NewPrompt = { name: string; text: string; version?: string | null | undefined };
/** What is left out stays as it is. */
export type PromptChanges = { [Key in keyof NewPrompt]?: NewPrompt[Key] | null | undefined } & {
  /** The revision that they were written from. */
  ifRevision?: number | null | undefined;
};

/** Who writes: revisions name him. */
type Author = Actor & { userId: string };

export type Prompts = ReturnType<typeof createPrompts>;

/** Where the author has no label. */
const FIRST_VERSION = '1';

/** In one statement: a prompt and its newest revision refer to each other. */
const CREATE = `
WITH prompt AS (
  INSERT INTO system_prompts (id, name, revision, created_at, updated_at)
  VALUES ($1::uuid, $2, 1, $6::timestamptz, $6::timestamptz)
)
INSERT INTO system_prompt_revisions (prompt_id, revision, version, text, author_id, created_at)
VALUES ($1::uuid, 1, $3, $4, $5::uuid, $6::timestamptz)`;

/** Who writes to a prompt waits for who does already; who begins a conversation with it does not. */
const LOCK = 'SELECT revision, name FROM system_prompts WHERE id = $1::uuid FOR NO KEY UPDATE';

/**
 * What is said to models before conversations. A prompt's text is changed by a revision more, never in place: an answer
 * tells for ever what it was made with. A turn reads the newest one in the statement that begins it
 * (chat/turn-store.ts).
 */
export function createPrompts({ prisma, record, now, createId, usedBy }: PromptsDependencies) {
  /** Returns the id. Throws CONFLICT when the name is taken. `client`: the transaction that it is a part of. */
  async function create(author: Author, prompt: NewPrompt, client?: Prisma.TransactionClient): Promise<string> {
    const id = createId();
    const creating = client
      ? insert(client, author, id, prompt)
      : prisma.$transaction((own) => insert(own, author, id, prompt));
    await orConflict(creating);
    return id;
  }

  async function insert(
    transaction: Prisma.TransactionClient,
    author: Author,
    id: string,
    { name, text, version }: NewPrompt,
  ): Promise<void> {
    const label = version ?? FIRST_VERSION;
    await transaction.$executeRawUnsafe(CREATE, id, name, label, text, author.userId, now());
    await record({ actor: author, action: 'system-prompt-created', subject: subjectOf(id, name) }, transaction);
  }

  /**
   * Adds a revision, also for a new name alone. Throws NOT_FOUND, CONFLICT as `create` and where there is a newer
   * revision than `ifRevision`, and BAD_USER_INPUT where nothing is to be changed.
   */
  async function update(author: Author, id: string, changes: PromptChanges): Promise<void> {
    if (changes.name == null && changes.text == null && changes.version == null) {
      throw badInput({ input: 'Say what is to be changed: the name, the text or the version.' });
    }
    await orConflict(addRevision(author, id, changes, null));
  }

  /** Adds a revision that is equal to an older one; the name stays. Throws NOT_FOUND. */
  function restore(author: Author, id: string, revision: number): Promise<void> {
    return addRevision(author, id, {}, revision);
  }

  /** `from`: the revision that has what is left out; null: the newest. */
  function addRevision(
    author: Author,
    promptId: string,
    { name, text, version, ifRevision }: PromptChanges,
    from: number | null,
  ): Promise<void> {
    return prisma.$transaction(async (transaction) => {
      const { revision: newest, name: before } = await lock(transaction, promptId);
      if (ifRevision != null && ifRevision !== newest) {
        const message = `This system prompt has been changed meanwhile: it has revision ${newest} now.`;
        throw new AppError({ code: 'CONFLICT', message });
      }
      const base = await transaction.systemPromptRevision.findUnique({
        where: { promptId_revision: { promptId, revision: from ?? newest } },
      });
      if (!base) throw notFound('revision');
      const revision = newest + 1;
      const at = now();
      await transaction.systemPromptRevision.create({
        data: {
          promptId,
          revision,
          version: version ?? base.version,
          text: text ?? base.text,
          authorId: author.userId,
          createdAt: at,
        },
      });
      const data = { revision, updatedAt: at, ...(name != null && { name }) };
      await transaction.systemPrompt.updateMany({ where: { id: promptId }, data });
      const action = from === null ? 'system-prompt-changed' : 'system-prompt-restored';
      const details = { revision, ...(from !== null && { from }), ...(name != null && name !== before && { name }) };
      await record({ actor: author, action, subject: subjectOf(promptId, before), details }, transaction);
    });
  }

  /** With all its revisions. Throws NOT_FOUND, and CONFLICT, which says who has it in use. */
  async function remove(actor: Actor, id: string): Promise<void> {
    await prisma
      .$transaction(async (transaction) => {
        const { name } = await lock(transaction, id);
        await transaction.systemPrompt.deleteMany({ where: { id } });
        await record({ actor, action: 'system-prompt-deleted', subject: subjectOf(id, name) }, transaction);
      })
      // Whether it is in use is decided by the database, so nobody can begin to use it meanwhile.
      .catch(async (error: unknown) => {
        throw isForeignKeyViolation(error) ? await inUse(id, error) : error;
      });
  }

  async function inUse(id: string, cause: unknown): Promise<AppError> {
    const users = (await Promise.all(usedBy.map((ask) => ask(id)))).filter((found) => found !== null);
    if (users.length === 0) {
      const message = 'This system prompt was in use just now. Try again.';
      return new AppError({ code: 'CONFLICT', message, retryable: true, cause });
    }
    const message = `This system prompt is in use: by ${users.join(', and by ')}. Give them another one or none first.`;
    return new AppError({ code: 'CONFLICT', message, cause });
  }

  return {
    create,
    update,
    restore,
    remove,
    visible: visiblePrompts,
    requireChoosable,
  };
}

/**
 * The condition for the prompts that somebody may read: an admin all, others those of their own conversations, an API
 * key its own.
 */
function visiblePrompts(viewer: { userId: string; isAdmin: boolean } | null): Prisma.SystemPromptWhereInput {
  if (viewer?.isAdmin) return {};
  const own = { some: { userId: viewer?.userId ?? '' } };
  return { OR: [{ conversations: own }, { apiKeys: own }] };
}

/** Whoever has been given the id of a prompt may use it, but an API key its own alone. Throws NOT_FOUND. */
function requireChoosable({ key }: Pick<Viewer, 'key'>, id: string | null): void {
  if (key && id !== null && id !== key.systemPromptId) throw notFound('system prompt');
}

/** What there is of it now. Throws NOT_FOUND. */
async function lock(transaction: Prisma.TransactionClient, id: string): Promise<{ revision: number; name: string }> {
  const [prompt] = await transaction.$queryRawUnsafe<{ revision: number; name: string }[]>(LOCK, id);
  if (!prompt) throw notFound('system prompt');
  return prompt;
}

function subjectOf(id: string, name: string): AuditEntry['subject'] {
  return { type: 'SystemPrompt', id, name };
}

async function orConflict<Result>(writing: Promise<Result>): Promise<Result> {
  try {
    return await writing;
  } catch (error) {
    if (!uniqueViolation(error)) throw error;
    throw new AppError({ code: 'CONFLICT', message: 'There is a system prompt with this name already.', cause: error });
  }
}
