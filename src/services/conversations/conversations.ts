import { AppError, badInput, notFound } from '../../errors.ts';
import type { Conversation, Prisma, PrismaClient } from '../../generated/prisma/client.ts';
import type { Bus } from '../../ports/bus.ts';
import { isForeignKeyViolation, uniqueViolation } from '../../util/database-errors.ts';

export type CreateConversation = {
  id: string | null;
  title: string | null;
  systemPromptId: string | null;
  prompt: string | null;
  response: string | null;
  model: string | null;
  /** What the credential may use, for an answer. Left out: as the server is set. */
  tokensPerDay?: number | null | undefined;
  /** Where it is asked from. */
  ip?: string | null | undefined;
};

/** What is left out stays as it is. */
export type ConversationChanges = {
  title?: string | null;
  pinned?: boolean | null;
  archived?: boolean | null;
  /** Null: it has none of its own any more. */
  systemPromptId?: string | null;
};

export type ConversationFilter = { text?: string | null; archived?: boolean | null; pinned?: boolean | null };

export type ConversationsDependencies = {
  prisma: PrismaClient;
  bus: Bus;
  now: () => Date;
  createId: () => string;
  titleFrom: (prompt: string) => string;
  untitled: string;
  /** Generates an answer to a first prompt in a new conversation, and answers when it is there. */
  generate: (userId: string, conversationId: string, prompt: string, request: CreateConversation) => Promise<void>;
  stopTurn: (userId: string, turnId: string) => Promise<void>;
};

export type Conversations = ReturnType<typeof createConversations>;

export function createConversations(deps: ConversationsDependencies) {
  const { prisma, bus, now, createId } = deps;

  /**
   * With a prompt alone the answer is generated before this returns; with a prompt and a response both are stored.
   * Returns the id. Throws CONFLICT when the client's id is taken, NOT_FOUND for a system prompt that is not there.
   */
  async function create(userId: string, request: CreateConversation): Promise<string> {
    const id = request.id ?? createId();
    const { prompt, response } = request;
    if (response !== null && prompt === null) {
      throw badInput({ 'input.response': 'A response needs the prompt that it answers.' });
    }
    if (prompt !== null && response === null) {
      if (request.id && (await prisma.conversation.count({ where: { id } })) > 0) throw idTaken();
      await deps.generate(userId, id, prompt, request);
      return id;
    }
    try {
      await store(userId, id, request);
    } catch (error) {
      throw uniqueViolation(error) ? idTaken() : missingPrompt(error);
    }
    changed({ id, userId });
    return id;
  }

  async function store(userId: string, id: string, request: CreateConversation): Promise<void> {
    const { prompt, response, model, systemPromptId } = request;
    const at = { createdAt: now(), updatedAt: now(), activeAt: now() };
    const title = request.title ?? (prompt ? deps.titleFrom(prompt) : deps.untitled);
    await prisma.$transaction(async (transaction) => {
      await transaction.conversation.create({
        data: { id, userId, title, autoTitle: request.title === null, model, systemPromptId, ...at },
      });
      if (prompt === null || response === null) return;
      const branchId = createId();
      const promptId = createId();
      const answerId = createId();
      const shared = { conversationId: id, branchId, status: 'COMPLETE', createdAt: now() } as const;
      await transaction.branch.create({ data: { id: branchId, conversationId: id, lineage: [] } });
      await transaction.message.createMany({
        data: [
          { ...shared, id: promptId, depth: 0, role: 'USER', content: prompt },
          {
            ...shared,
            id: answerId,
            depth: 1,
            role: 'ASSISTANT',
            content: response,
            parentId: promptId,
            model,
            finishReason: 'STOP',
          },
        ],
      });
      await transaction.conversation.update({ where: { id }, data: { leafId: answerId, messageCount: 2 } });
    });
  }

  /** Throws NOT_FOUND, also for a system prompt that is not there. */
  async function update(userId: string, id: string, changes: ConversationChanges): Promise<void> {
    const { title, pinned, archived, systemPromptId } = changes;
    const found = await prisma.conversation.findUnique({ where: { id, userId }, select: { archivedAt: true } });
    if (!found) throw notFound('conversation');
    const archivedAt = archived ? (found.archivedAt ?? now()) : null;
    const data = {
      updatedAt: now(),
      ...(title != null && { title, autoTitle: false }),
      ...(pinned != null && { pinned }),
      ...(archived != null && { archivedAt }),
      ...(systemPromptId !== undefined && { systemPromptId }),
    };
    await prisma.conversation.updateMany({ where: { id, userId }, data }).catch((error: unknown) => {
      throw missingPrompt(error);
    });
    changed({ id, userId });
  }

  /** Deletes it with all its messages; what is being generated in it is stopped first. */
  async function remove(userId: string, id: string): Promise<void> {
    const running = await prisma.turn.findMany({
      where: { conversationId: id, userId, status: 'GENERATING' },
      select: { id: true },
    });
    await Promise.all(running.map((turn) => deps.stopTurn(userId, turn.id)));
    const { count } = await prisma.conversation.deleteMany({ where: { id, userId } });
    if (count === 0) throw notFound('conversation');
    bus.publish('conversation-deleted', userId, { conversationId: id });
  }

  /** Null takes the rating back. Throws BAD_USER_INPUT for a message that is no answer. */
  async function rate(userId: string, messageId: string, rating: 'UP' | 'DOWN' | null, comment: string | null) {
    const where = { id: messageId, conversation: { userId } };
    const message = await prisma.message.findUnique({ where, select: { role: true, conversationId: true } });
    if (!message) throw notFound('message');
    if (message.role !== 'ASSISTANT') throw badInput({ id: 'Only answers can be rated.' });
    const data = { rating, ratingComment: rating && comment, ratedAt: rating && now() };
    await prisma.message.updateMany({ where: { id: messageId }, data });
    changed({ id: message.conversationId, userId });
  }

  /** Throws NOT_FOUND for what is not the user's. */
  async function require(userId: string, id: string): Promise<void> {
    if (!(await prisma.conversation.findUnique({ where: { id, userId }, select: { id: true } })))
      throw notFound('conversation');
  }

  function changed({ id, userId }: Pick<Conversation, 'id' | 'userId'>): void {
    bus.publish('conversation-changed', userId, { conversationId: id });
  }

  return { create, update, remove, rate, require, where: whereConversation };
}

/** The condition for one user's conversations. Text is looked for in titles and in messages, whatever its case. */
function whereConversation(
  userId: string,
  filter: ConversationFilter | null | undefined,
): Prisma.ConversationWhereInput {
  const { text, archived, pinned } = filter ?? {};
  // The database would read these as wildcards.
  const contains = text?.trim().replace(/[\\%_]/g, '\\$&');
  const matches = { contains, mode: 'insensitive' } as const;
  return {
    userId,
    ...(archived != null && { archivedAt: archived ? { not: null } : null }),
    ...(pinned != null && { pinned }),
    ...(contains && { OR: [{ title: matches }, { messages: { some: { content: matches } } }] }),
  };
}

/** Of what a write has thrown. */
function missingPrompt(error: unknown): unknown {
  return isForeignKeyViolation(error) ? notFound('system prompt') : error;
}

function idTaken(): AppError {
  return new AppError({ code: 'CONFLICT', message: 'A conversation with this id exists already.' });
}
