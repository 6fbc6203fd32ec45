import { z } from 'zod';
import { ERROR_CODES } from '../../errors.ts';
import type { TurnFailure, TurnUsage } from '../../ports/event-log.ts';
import { builder } from '../builder.ts';
import { decodeId, encodeId } from '../ids.ts';
import { Citation } from './citation.ts';

export const ErrorCode = builder.enumType('ErrorCode', {
  description: 'In extensions.code of an error, and in the error of a turn.',
  values: ERROR_CODES,
});
const MessageRole = builder.enumType('MessageRole', { values: ['SYSTEM', 'USER', 'ASSISTANT'] as const });
export const MessageStatus = builder.enumType('MessageStatus', {
  values: ['COMPLETE', 'GENERATING', 'STOPPED', 'FAILED', 'INTERRUPTED', 'BLOCKED'] as const,
});
export const FinishReason = builder.enumType('FinishReason', {
  values: ['STOP', 'LENGTH', 'STOPPED', 'BLOCKED', 'ERROR'] as const,
});
const Rating = builder.enumType('Rating', { values: ['UP', 'DOWN'] as const });

export const Usage = builder.objectRef<TurnUsage>('Usage').implement({
  description: 'Where a provider does not count its tokens, they are estimated at four characters each.',
  fields: (t) => ({
    promptTokens: t.exposeInt('promptTokens'),
    completionTokens: t.exposeInt('completionTokens'),
    totalTokens: t.int({ resolve: ({ promptTokens, completionTokens }) => promptTokens + completionTokens }),
    firstTokenMs: t.exposeInt('firstTokenMs', { nullable: true, description: 'From the start of the turn.' }),
    durationMs: t.exposeInt('durationMs'),
    cached: t.exposeBoolean('cached'),
  }),
});

export const TurnError = builder.objectRef<TurnFailure>('TurnError').implement({
  fields: (t) => ({
    code: t.expose('code', { type: ErrorCode }),
    message: t.exposeString('message'),
    retryable: t.exposeBoolean('retryable', { description: 'The same request may succeed later without a change.' }),
  }),
});

const Feedback = builder
  .objectRef<{ rating: 'UP' | 'DOWN'; comment: string | null; updatedAt: Date }>('Feedback')
  .implement({
    fields: (t) => ({
      rating: t.expose('rating', { type: Rating }),
      comment: t.exposeString('comment', { nullable: true }),
      updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    }),
  });

export const Message = builder.prismaNode('Message', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, conversation: { userId: viewer?.userId ?? '' } }),
  // Every field names its columns: the citations of a page are many times as large as all the rest. The depth is what
  // cursors are made of.
  select: { id: true, depth: true },
  fields: (t) => ({
    role: t.expose('role', { type: MessageRole }),
    status: t.expose('status', { type: MessageStatus }),
    content: t.string({
      description: 'While GENERATING: what there is so far.',
      select: { id: true, status: true, content: true },
      resolve: async (message, _args, { services }) =>
        message.status === 'GENERATING' ? (await services.chat.partialText(message.id)).content : message.content,
    }),
    reasoning: t.string({
      nullable: true,
      select: { id: true, status: true, reasoning: true },
      resolve: async (message, _args, { services }) =>
        message.status === 'GENERATING'
          ? (await services.chat.partialText(message.id)).reasoning || null
          : message.reasoning,
    }),
    conversation: t.relation('conversation'),
    parent: t.relation('parent', { nullable: true }),
    siblings: t.prismaField({
      description: 'Itself among them, oldest first: edits of a prompt, regenerated answers.',
      type: ['Message'],
      select: (_args, _context, nested) => ({
        conversationId: true,
        parent: { select: { answers: nested(SIBLINGS) } },
      }),
      resolve: (query, message, _args, { prisma }) =>
        message.parent
          ? message.parent.answers
          : prisma.message.findMany({
              ...query,
              ...SIBLINGS,
              where: { conversationId: message.conversationId, parentId: null },
            }),
    }),
    turn: t.relation('turn', {
      nullable: true,
      description: 'That made it; null for a prompt and for what was stored.',
    }),
    newestLeaf: t.prismaField({
      description: 'The end of the newest branch that goes on from here; itself where none does. For messages(leaf:).',
      type: 'Message',
      select: { id: true, conversationId: true, branchId: true, depth: true },
      resolve: async (query, message, _args, { services, prisma }) => {
        const id = await services.chat.newestLeaf(message);
        return prisma.message.findUniqueOrThrow({ ...query, where: { id } });
      },
    }),
    finishReason: t.expose('finishReason', {
      type: FinishReason,
      nullable: true,
      description: 'Of an answer that has ended.',
    }),
    model: t.exposeString('model', { nullable: true }),
    modelVersion: t.exposeString('modelVersion', {
      nullable: true,
      description: 'The tag of the ModelVersion that was current when the turn began; null where there was none.',
    }),
    systemPromptId: t.id({
      nullable: true,
      description:
        'Of the system prompt that it was made with, which may have been deleted since. Null: the server’s default, or none.',
      select: { systemPromptId: true },
      resolve: ({ systemPromptId }) => systemPromptId && encodeId('SystemPrompt', systemPromptId),
    }),
    systemPromptRevision: t.exposeInt('systemPromptRevision', {
      nullable: true,
      description: 'Of that system prompt: the one that was the newest when the turn began.',
    }),
    citations: t.field({
      type: [Citation],
      description: 'What it was made from, in the order of the numbers by which it refers to them.',
      select: { citations: true },
      resolve: (message, _args, { services }) => services.chat.citationsOf(message),
    }),
    degraded: t.exposeString('degraded', {
      nullable: true,
      description: 'Why retrieval could not (fully) be done, as TurnRetrieved has said it.',
    }),
    usage: t.field({
      type: Usage,
      nullable: true,
      select: { promptTokens: true, completionTokens: true, firstTokenMs: true, durationMs: true, cached: true },
      resolve: (message, _args, { services }) => services.chat.usageOf(message),
    }),
    error: t.field({
      type: TurnError,
      nullable: true,
      select: { errorCode: true, errorMessage: true, errorRetryable: true },
      resolve: (message, _args, { services }) => services.chat.errorOf(message),
    }),
    feedback: t.field({
      type: Feedback,
      nullable: true,
      select: { rating: true, ratingComment: true, ratedAt: true },
      resolve: ({ rating, ratingComment, ratedAt }) =>
        rating && ratedAt ? { rating, comment: ratingComment, updatedAt: ratedAt } : null,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
});

const comment = z
  .string()
  .max(2_000, 'A comment has at most 2,000 characters.')
  .refine((text) => !text.includes('\0'), 'A comment cannot hold the character NUL.');

const SIBLINGS = { orderBy: { id: 'asc' }, take: 1_000 } as const;

builder.mutationField('rateMessage', (t) =>
  t.withAuth({ caller: true }).prismaField({
    type: Message,
    args: {
      id: t.arg.id({ required: true }),
      rating: t.arg({ type: Rating, description: 'Null takes the rating back.' }),
      comment: t.arg.string({ validate: comment.nullish() }),
    },
    resolve: async (query, _root, args, { services, viewer, prisma }) => {
      const id = decodeId('Message', args.id, 'id');
      await services.conversations.rate(viewer.userId, id, args.rating ?? null, args.comment ?? null);
      return prisma.message.findUniqueOrThrow({ ...query, where: { id } });
    },
  }),
);
