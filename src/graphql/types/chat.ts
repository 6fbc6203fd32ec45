import { builder } from '../builder.ts';
import type { SignedInContext } from '../context.ts';
import { decodeAnyId, decodeId, decodeOptionalId } from '../ids.ts';
import { Turn } from './turn.ts';
import { TurnEvent } from './turn-event.ts';
import { ChatInput, position, RegenerateInput, readOptions, readRetrieval } from './turn-input.ts';

/** The parent is a message, or the conversation itself for its root. */
function parentOf(id: string | null | undefined, conversationId: string | null): string | null {
  if (id == null) return null;
  const decoded = decodeAnyId(id, 'input.parentId');
  if (decoded.type === 'Conversation' && decoded.id === conversationId) return decoded.id;
  return decodeId('Message', id, 'input.parentId');
}

function startChat({ services, viewer }: SignedInContext, input: typeof ChatInput.$inferInput) {
  const conversationId = decodeOptionalId('Conversation', input.conversationId, 'input.conversationId');
  return services.chat.chat(viewer.userId, {
    turnKey: input.turnKey,
    text: input.text,
    conversationId,
    parentId: parentOf(input.parentId, conversationId),
    model: input.model ?? null,
    options: readOptions(input.options),
    retrieval: readRetrieval(input.retrieval),
  });
}

builder.mutationFields((t) => ({
  sendMessage: t.withAuth({ caller: true }).prismaField({
    description: 'As the subscription chat, without watching.',
    type: Turn,
    args: {
      input: t.arg({ type: ChatInput, required: true }),
      wait: t.arg.boolean({ defaultValue: false, description: 'Answer when the turn has ended.' }),
    },
    resolve: async (query, _root, { input, wait }, context) => {
      const { services, viewer, prisma, signal } = context;
      const { id } = await startChat(context, input);
      if (wait) await services.chat.ended(viewer.userId, id, signal);
      return prisma.turn.findUniqueOrThrow({ ...query, where: { id } });
    },
  }),
  regenerate: t.withAuth({ caller: true }).prismaField({
    description: 'Another answer to the same prompt, beside the one that is there.',
    type: Turn,
    args: {
      input: t.arg({ type: RegenerateInput, required: true }),
      wait: t.arg.boolean({ defaultValue: false, description: 'Answer when the turn has ended.' }),
    },
    resolve: async (query, _root, { input, wait }, { services, viewer, prisma, signal }) => {
      const { id } = await services.chat.regenerate(viewer.userId, {
        turnKey: input.turnKey,
        messageId: decodeId('Message', input.messageId, 'input.messageId'),
        model: input.model ?? null,
        options: readOptions(input.options),
        retrieval: readRetrieval(input.retrieval),
      });
      if (wait) await services.chat.ended(viewer.userId, id, signal);
      return prisma.turn.findUniqueOrThrow({ ...query, where: { id } });
    },
  }),
  stopTurn: t.withAuth({ caller: true }).prismaField({
    description:
      'Ends the model’s work wherever it runs; the text so far is kept. A turn that has ended stays as it is.',
    type: Turn,
    args: { id: t.arg.id({ required: true }) },
    resolve: async (query, _root, args, { services, viewer, prisma }) => {
      const id = decodeId('Turn', args.id, 'id');
      await services.chat.stop(viewer.userId, id);
      return prisma.turn.findUniqueOrThrow({ ...query, where: { id } });
    },
  }),
}));

builder.subscriptionFields((t) => ({
  chat: t.withAuth({ caller: true }).field({
    description: 'Starts the turn, or joins it when its key is known, and streams its events.',
    type: TurnEvent,
    args: { input: t.arg({ type: ChatInput, required: true }) },
    subscribe: async (_root, { input }, context) => {
      const { id } = await startChat(context, input);
      return context.services.chat.watch(context.viewer.userId, id, input.after ?? 0, context.signal);
    },
    resolve: (event) => event,
  }),
  turn: t.withAuth({ caller: true }).field({
    description: 'The events of a running or ended turn after a position.',
    type: TurnEvent,
    args: { id: t.arg.id({ required: true }), after: t.arg.int({ defaultValue: 0, validate: position }) },
    subscribe: async (_root, { id, after }, { services, viewer, signal }) => {
      const turnId = await services.chat.requireTurn(viewer.userId, decodeId('Turn', id, 'id'));
      return services.chat.watch(viewer.userId, turnId, after ?? 0, signal);
    },
    resolve: (event) => event,
  }),
}));
