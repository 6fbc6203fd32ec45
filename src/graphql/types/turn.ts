import { badInput } from '../../errors.ts';
import { builder } from '../builder.ts';
import { decodeId } from '../ids.ts';
import { MessageStatus } from './message.ts';

export const Turn = builder.prismaNode('Turn', {
  id: { field: 'id' },
  nullable: true,
  description: 'One prompt and its answer being made. It runs on the server whether or not anybody watches.',
  findUnique: (id, { viewer }) => ({ id, userId: viewer?.userId ?? '' }),
  fields: (t) => ({
    key: t.expose('key', { type: 'UUID', description: 'The client’s.' }),
    status: t.expose('status', { type: MessageStatus }),
    cursor: t.int({
      description: 'Of its newest event.',
      resolve: (turn, _args, { services }) => services.chat.cursorOf(turn),
    }),
    conversation: t.relation('conversation'),
    userMessage: t.relation('userMessage'),
    assistantMessage: t.relation('assistantMessage'),
    model: t.exposeString('model'),
    cached: t.exposeBoolean('cached'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true }),
  }),
});

builder.queryField('turn', (t) =>
  t.withAuth({ caller: true }).prismaField({
    description: 'By its id or by the client’s key.',
    type: Turn,
    nullable: true,
    args: { id: t.arg.id(), key: t.arg({ type: 'UUID' }) },
    resolve: (query, _root, args, { prisma, viewer: { userId } }) => {
      if ((args.id == null) === (args.key == null)) throw badInput({ id: 'Give either id or key.' });
      const where = args.key
        ? { userId_key: { userId, key: args.key } }
        : { id: decodeId('Turn', args.id ?? '', 'id'), userId };
      return prisma.turn.findUnique({ ...query, where });
    },
  }),
);
