import type { Message, Prisma, PrismaClient } from '../../generated/prisma/client.ts';
import { type ExportedConversation, type ExportedMessage, FORMAT, VERSION } from './export-format.ts';

/** Conversations that are looked at together; their messages come in pages. */
const CONVERSATIONS = 100;
/** Ids that are in memory at a time, unless one conversation has more. */
const IDS = 5_000;
const MESSAGES = 100;

const WITH_PROMPT = { systemPrompt: { include: { newest: { select: { text: true } } } } } as const;

type Row = Prisma.ConversationGetPayload<{ include: typeof WITH_PROMPT }>;
type Place = { id: string; conversationId: string; parentId: string | null };

/**
 * A user's conversations as pieces of one JSON document, of which little is in memory at a time. Each is as it is when
 * its turn comes; an answer that is being made is left out.
 */
export async function* exportConversations(prisma: PrismaClient, userId: string, at: Date): AsyncGenerator<string> {
  const head = { format: FORMAT, version: VERSION, exportedAt: at };
  yield `${JSON.stringify(head).slice(0, -1)},"conversations":[`;
  let separator = '\n';
  for await (const rows of conversationsOf(prisma, userId)) {
    for (const group of grouped(rows)) {
      for await (const piece of documentsOf(prisma, group)) {
        yield piece.begins ? `${separator}${piece.json}` : piece.json;
        if (piece.begins) separator = ',\n';
      }
    }
  }
  yield '\n]}\n';
}

/** The oldest first: nothing that happens meanwhile moves one. */
async function* conversationsOf(prisma: PrismaClient, userId: string): AsyncGenerator<Row[]> {
  let last: Row | undefined;
  do {
    const rows: Row[] = await prisma.conversation.findMany({
      where: { userId, ...(last && newerThan(last)) },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      take: CONVERSATIONS,
      include: WITH_PROMPT,
    });
    if (rows.length > 0) yield rows;
    last = rows.length < CONVERSATIONS ? undefined : rows.at(-1);
  } while (last);
}

function newerThan({ createdAt, id }: Row) {
  return { OR: [{ createdAt: { gt: createdAt } }, { createdAt, id: { gt: id } }] };
}

function grouped(rows: Row[]): Row[][] {
  const groups: Row[][] = [];
  let messages = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    messages += row.messageCount;
    if (messages > IDS) {
      groups.push([]);
      messages = row.messageCount;
    }
    groups.at(-1)?.push(row);
  }
  return groups;
}

type Piece = { begins: boolean; json: string };

async function* documentsOf(prisma: PrismaClient, rows: Row[]): AsyncGenerator<Piece> {
  // Ids are in the order in which messages were made. An answer that is being made has none below it.
  const places = await prisma.message.findMany({
    where: { conversationId: { in: rows.map(({ id }) => id) }, status: { not: 'GENERATING' }, role: { not: 'SYSTEM' } },
    orderBy: { id: 'asc' },
    select: { id: true, conversationId: true, parentId: true },
  });
  const byConversation = Map.groupBy(places, ({ conversationId }) => conversationId);
  const inOrder = rows.flatMap(({ id }) => byConversation.get(id) ?? []);
  const read = createPages(prisma, inOrder);
  for (const row of rows) {
    const own = byConversation.get(row.id) ?? [];
    yield { begins: true, json: `${JSON.stringify(conversationOf(row, own)).slice(0, -1)},"messages":[` };
    let separator = '\n';
    for (const { id } of own) {
      const message = await read(id);
      // Gone meanwhile, with its conversation.
      if (!message) break;
      yield { begins: false, json: `${separator}${JSON.stringify(message)}` };
      separator = ',\n';
    }
    yield { begins: false, json: ']}' };
  }
}

/** Messages by id, asked for in the order of `places`, that are read a page at a time. */
function createPages(prisma: PrismaClient, places: Place[]) {
  let at = 0;
  let page = new Map<string, Message>();
  return async (id: string): Promise<ExportedMessage | null> => {
    if (!page.has(id)) {
      while (at < places.length && places[at]?.id !== id) at += 1;
      const ids = places.slice(at, at + MESSAGES).map((place) => place.id);
      const rows = await prisma.message.findMany({ where: { id: { in: ids } } });
      page = new Map(rows.map((row) => [row.id, row]));
      at += ids.length;
    }
    const message = page.get(id);
    return message ? exportedMessage(message) : null;
  };
}

function conversationOf(row: Row, messages: Place[]): ExportedConversation {
  const { systemPrompt } = row;
  const isThere = messages.some(({ id }) => id === row.leafId);
  return {
    id: row.id,
    title: row.title,
    autoTitle: row.autoTitle,
    pinned: row.pinned,
    archivedAt: row.archivedAt?.toISOString() ?? null,
    model: row.model,
    systemPrompt: systemPrompt && { id: systemPrompt.id, name: systemPrompt.name, text: systemPrompt.newest.text },
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    activeAt: row.activeAt.toISOString(),
    currentMessageId: isThere ? row.leafId : (messages.at(-1)?.id ?? null),
  };
}

function exportedMessage(message: Message): ExportedMessage {
  const { promptTokens, completionTokens, firstTokenMs, durationMs, cached, errorCode, rating, ratedAt } = message;
  const { systemPromptId, systemPromptRevision } = message;
  return {
    id: message.id,
    parentId: message.parentId,
    role: message.role as ExportedMessage['role'],
    status: message.status as ExportedMessage['status'],
    content: message.content,
    reasoning: message.reasoning,
    segments: message.segments,
    model: message.model,
    modelVersion: message.modelVersion,
    systemPrompt:
      systemPromptId !== null && systemPromptRevision !== null
        ? { id: systemPromptId, revision: systemPromptRevision }
        : null,
    citations: (message.citations ?? []) as ExportedMessage['citations'],
    degraded: message.degraded,
    finishReason: message.finishReason,
    usage:
      promptTokens !== null && completionTokens !== null
        ? { promptTokens, completionTokens, firstTokenMs, durationMs, cached }
        : null,
    error:
      errorCode !== null
        ? {
            code: errorCode as NonNullable<ExportedMessage['error']>['code'],
            message: message.errorMessage ?? '',
            retryable: message.errorRetryable ?? false,
          }
        : null,
    feedback: rating && ratedAt && { rating, comment: message.ratingComment, updatedAt: ratedAt.toISOString() },
    createdAt: message.createdAt.toISOString(),
  };
}
