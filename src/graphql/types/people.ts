import { z } from 'zod';
import { actorOf } from '../actor.ts';
import { builder } from '../builder.ts';
import { decodeId, encodeId } from '../ids.ts';
import { newestFirst } from '../newest-first.ts';
import { connection, encodeCursor, pageComplexity, readPage } from '../paging.ts';
import { email, RegisterInput, Role, User } from './user.ts';

const searchText = z
  .string()
  .max(254, 'A search has at most 254 characters.')
  .refine((text) => !text.includes('\0'), 'A search cannot hold the character NUL.');

builder.queryField('users', (t) =>
  t.withAuth({ admin: true }).connection(
    {
      description: 'The newest first. Only for admins.',
      type: User,
      args: {
        text: t.arg.string({
          description: 'In usernames and email addresses, whatever the case.',
          validate: searchText.nullish(),
        }),
      },
      complexity: pageComplexity,
      resolve: async (_root, args, { prisma, services }) => {
        const where = services.people.where(args.text);
        const page = readPage(args);
        const direction = page.fromEnd ? 'asc' : 'desc';
        const rows = await prisma.user.findMany({
          where: { AND: [where, ...newestFirst(page)] },
          orderBy: [{ createdAt: direction }, { id: direction }],
          take: page.count + 1,
        });
        const more = rows.length > page.count;
        const shown = rows.slice(0, page.count);
        if (page.fromEnd) shown.reverse();
        const result = connection(shown, ({ createdAt, id }) => encodeCursor(createdAt.getTime(), id), page, more);
        return { ...result, totalCount: () => prisma.user.count({ where }) };
      },
    },
    { name: 'UserConnection' },
    { name: 'UserEdge' },
  ),
);

builder.mutationFields((t) => ({
  createUser: t.withAuth({ admin: true }).prismaField({
    description: 'Makes an account for somebody, also where registration is closed. Only for admins.',
    type: User,
    args: {
      input: t.arg({ type: RegisterInput, required: true }),
      role: t.arg({ type: Role, defaultValue: 'USER' }),
    },
    resolve: async (query, _root, { input, role }, context) => {
      const id = await context.services.people.create(actorOf(context), input, role ?? 'USER');
      return context.prisma.user.findUniqueOrThrow({ ...query, where: { id } });
    },
  }),
  updateUser: t.withAuth({ admin: true }).prismaField({
    description:
      'What is left out stays as it is. Who is disabled, or is no admin any more, is signed out at once, everywhere. CONFLICT for the last admin. Only for admins.',
    type: User,
    args: {
      id: t.arg.id({ required: true }),
      email: t.arg.string({ description: 'null takes it away.', validate: email.nullish() }),
      role: t.arg({ type: Role }),
      disabled: t.arg.boolean({ description: 'Who is disabled cannot sign in. Nothing of what he has is lost.' }),
    },
    resolve: async (query, _root, args, context) => {
      const id = decodeId('User', args.id, 'id');
      await context.services.people.update(actorOf(context), id, args);
      return context.prisma.user.findUniqueOrThrow({ ...query, where: { id } });
    },
  }),
  deleteUser: t.withAuth({ admin: true }).field({
    description:
      'With everything that belongs to him: conversations, files, and collections with all that is in them, those for everybody too. What he is being answered is stopped first. CONFLICT for the last admin. Only for admins.',
    type: 'ID',
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, args, context) => {
      const id = decodeId('User', args.id, 'id');
      await context.services.people.remove(actorOf(context), id);
      return encodeId('User', id);
    },
  }),
}));
