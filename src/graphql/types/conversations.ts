import { queryFromInfo } from '@pothos/plugin-prisma';
import { z } from 'zod';
import { isUuid } from '../../util/ids.ts';
import { builder } from '../builder.ts';
import { decodeId, decodeOptionalId, encodeId } from '../ids.ts';
import { connection, decodeCursor, encodeCursor, pageComplexity, readPage } from '../paging.ts';
import { Conversation } from './conversation.ts';
import { modelName, promptText } from './turn-input.ts';

const withoutNul = (text: string) => !text.includes('\0');

const title = z
  .string()
  .trim()
  .min(1, 'A title cannot be empty.')
  .max(200, 'A title has at most 200 characters.')
  .refine(withoutNul, 'A title cannot hold the character NUL.')
  .transform((text) => text.toWellFormed());

const searchText = z
  .string()
  .max(200, 'A search has at most 200 characters.')
  .refine(withoutNul, 'A search cannot hold the character NUL.');

const ConversationFilter = builder.inputType('ConversationFilter', {
  fields: (t) => ({
    text: t.string({ description: 'In titles and messages, whatever the case.', validate: searchText.nullish() }),
    archived: t.boolean({ description: 'Left out: both.' }),
    pinned: t.boolean({ description: 'Left out: both.' }),
  }),
});

type Position = { activeAt: Date; id: string };

function positionOf([time, id]: unknown[]): Position | null {
  if (!Number.isSafeInteger(time) || !isUuid(id)) return null;
  const activeAt = new Date(time as number);
  // The database knows fewer moments than a Date does; before 1970 there were no conversations.
  return activeAt.getTime() >= 0 ? { activeAt, id } : null;
}

/** What comes after (lt) or before (gt) a position, in the list's order: the newest activity first. */
const beyond = (side: 'lt' | 'gt', { activeAt, id }: Position) => ({
  OR: [{ activeAt: { [side]: activeAt } }, { activeAt, id: { [side]: id } }],
});

builder.queryFields((t) => ({
  conversations: t.withAuth({ caller: true }).connection(
    {
      description: 'The viewer’s, the last active first.',
      type: Conversation,
      args: { filter: t.arg({ type: ConversationFilter }) },
      complexity: pageComplexity,
      resolve: async (_root, args, context, info) => {
        const page = readPage(args);
        const where = context.services.conversations.where(context.viewer.userId, args.filter);
        const bounds = [
          ...(page.after !== null ? [beyond('lt', decodeCursor(page.after, 'after', positionOf))] : []),
          ...(page.before !== null ? [beyond('gt', decodeCursor(page.before, 'before', positionOf))] : []),
        ];
        const direction = page.fromEnd ? 'asc' : 'desc';
        const rows = await context.prisma.conversation.findMany({
          ...queryFromInfo({ context, info, typeName: 'Conversation', path: ['edges', 'node'] }),
          where: { AND: [where, ...bounds] },
          orderBy: [{ activeAt: direction }, { id: direction }],
          take: page.count + 1,
        });
        const more = rows.length > page.count;
        const shown = rows.slice(0, page.count);
        if (page.fromEnd) shown.reverse();
        const result = connection(shown, ({ activeAt, id }) => encodeCursor(activeAt.getTime(), id), page, more);
        return { ...result, totalCount: () => context.prisma.conversation.count({ where }) };
      },
    },
    { name: 'ConversationConnection' },
    { name: 'ConversationEdge' },
  ),
  conversation: t.withAuth({ caller: true }).prismaField({
    type: Conversation,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, { prisma, viewer }) =>
      prisma.conversation.findUnique({
        ...query,
        where: { id: decodeId('Conversation', id, 'id'), userId: viewer.userId },
      }),
  }),
}));

const CreateConversationInput = builder.inputType('CreateConversationInput', {
  fields: (t) => ({
    id: t.field({ type: 'UUID', description: 'A client may choose it.' }),
    title: t.string({ validate: title.nullish() }),
    systemPromptId: t.id({ description: 'Left out: the server’s default applies.' }),
    prompt: t.string({
      description: 'With it, and no response: the answer is generated before the mutation returns.',
      validate: promptText.nullish(),
    }),
    response: t.string({
      description: 'Stored as it is, nothing is generated.',
      validate: z
        .string()
        .max(1_000_000, 'A response has at most 1,000,000 characters.')
        .refine(withoutNul, 'A response cannot hold the character NUL.')
        .nullish(),
    }),
    model: t.string({ validate: modelName }),
  }),
});

const UpdateConversationInput = builder.inputType('UpdateConversationInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    id: t.id({ required: true }),
    title: t.string({ validate: title.nullish() }),
    pinned: t.boolean(),
    archived: t.boolean(),
    systemPromptId: t.id({ description: 'From the next turn on. Null: the server’s default applies again.' }),
  }),
});

builder.mutationFields((t) => ({
  createConversation: t.withAuth({ caller: true }).prismaField({
    type: Conversation,
    args: { input: t.arg({ type: CreateConversationInput, required: true }) },
    resolve: async (query, _root, { input }, { services, viewer, prisma }) => {
      const systemPromptId = decodeOptionalId('SystemPrompt', input.systemPromptId, 'input.systemPromptId');
      services.prompts.requireChoosable(viewer, systemPromptId);
      const id = await services.conversations.create(viewer.userId, {
        id: input.id ?? null,
        title: input.title ?? null,
        systemPromptId,
        prompt: input.prompt ?? null,
        response: input.response ?? null,
        model: input.model ?? null,
      });
      return prisma.conversation.findUniqueOrThrow({ ...query, where: { id } });
    },
  }),
  updateConversation: t.withAuth({ caller: true }).prismaField({
    type: Conversation,
    args: { input: t.arg({ type: UpdateConversationInput, required: true }) },
    resolve: async (query, _root, { input }, { services, viewer, prisma }) => {
      const id = decodeId('Conversation', input.id, 'input.id');
      const { systemPromptId: given, ...changes } = input;
      const systemPromptId = decodeOptionalId('SystemPrompt', given, 'input.systemPromptId');
      services.prompts.requireChoosable(viewer, systemPromptId);
      await services.conversations.update(viewer.userId, id, {
        ...changes,
        ...(given !== undefined && { systemPromptId }),
      });
      return prisma.conversation.findUniqueOrThrow({ ...query, where: { id } });
    },
  }),
  deleteConversation: t.withAuth({ caller: true }).field({
    description: 'With all its messages; what is being made in it is stopped.',
    type: 'ID',
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, args, { services, viewer }) => {
      const id = decodeId('Conversation', args.id, 'id');
      await services.conversations.remove(viewer.userId, id);
      return encodeId('Conversation', id);
    },
  }),
}));

builder.subscriptionField('conversationChanged', (t) =>
  t.withAuth({ caller: true }).prismaField({
    description:
      'The viewer’s conversations, or one of them, as they change: messages, titles, pins. Not for every token.',
    type: Conversation,
    args: { id: t.arg.id() },
    subscribe: async (_root, args, { services, viewer, signal }) => {
      const only = decodeOptionalId('Conversation', args.id, 'id');
      if (only) await services.conversations.require(viewer.userId, only);
      return services.watchConversations(viewer.userId, only, signal);
    },
    resolve: (query, id, _args, { prisma, viewer }) =>
      prisma.conversation.findUniqueOrThrow({ ...query, where: { id: id as string, userId: viewer.userId } }),
  }),
);

builder.subscriptionField('conversationDeleted', (t) =>
  t.withAuth({ caller: true }).field({
    description: 'The ids of the viewer’s conversations as they are deleted.',
    type: 'ID',
    subscribe: (_root, _args, { services, viewer, signal }) =>
      services.watchDeletedConversations(viewer.userId, signal),
    resolve: (id) => encodeId('Conversation', id as string),
  }),
);
