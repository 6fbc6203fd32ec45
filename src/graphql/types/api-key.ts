import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import type { Prisma } from '../../generated/prisma/client.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { newestFirst } from '../newest-first.ts';
import { connection, encodeCursor, type PageArguments, readPage } from '../paging.ts';

export const ApiKey = builder.prismaNode('ApiKey', {
  description:
    'A credential for a program, which owns what is made with it. Its secret is shown once, when it is made. Admins see all of them, a key itself.',
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { viewer, services }) => ({ id, AND: services.keys.visible(viewer) }),
  // What the cursors of the list are made of.
  select: { id: true, createdAt: true },
  fields: (t) => ({
    prefix: t.exposeString('prefix', { description: '"api_" and the next 8 characters, to recognise it by.' }),
    clientName: t.exposeString('clientName', { description: 'Unique.' }),
    notes: t.exposeString('notes', { nullable: true }),
    collection: t.relation('collection', {
      nullable: true,
      description: 'What its chats retrieve from, and its uploads go into. Null: nothing, and it cannot upload.',
    }),
    systemPrompt: t.relation('systemPrompt', {
      nullable: true,
      description: 'Applies by itself to its chats where the conversation has none of its own.',
    }),
    active: t.boolean({
      description: 'Neither deactivated nor expired.',
      select: { deactivatedAt: true, expiresAt: true },
      resolve: (key, _args, { services }) => services.keys.isActive(key),
    }),
    deactivatedAt: t.expose('deactivatedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Null: nobody has ended it; it may have expired.',
    }),
    requestsPerMinute: t.exposeInt('requestsPerMinute', { nullable: true, description: 'Null: the server’s limit.' }),
    tokensPerDay: t.exposeInt('tokensPerDay', { nullable: true, description: 'Null: the server’s limit.' }),
    tokensUsedToday: t.int({
      description: 'Of prompts and answers, since midnight (UTC).',
      select: { userId: true },
      resolve: ({ userId }, _args, { services }) => services.usage.tokensToday(userId),
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true, description: 'Null: never.' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true, description: 'To the minute.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
});

export const ApiKeyConnection = builder.connectionObject(
  { name: 'ApiKeyConnection', type: ApiKey },
  builder.edgeObject({ name: 'ApiKeyEdge', type: ApiKey }),
);

/** A page of the keys that `where` describes. */
export async function readKeyPage(
  where: Prisma.ApiKeyWhereInput,
  args: PageArguments,
  context: Context,
  info: GraphQLResolveInfo,
) {
  const page = readPage(args);
  const direction = page.fromEnd ? 'asc' : 'desc';
  const rows = await context.prisma.apiKey.findMany({
    ...queryFromInfo({ context, info, typeName: 'ApiKey', path: ['edges', 'node'] }),
    where: { AND: [where, ...newestFirst(page)] },
    orderBy: [{ createdAt: direction }, { id: direction }],
    take: page.count + 1,
  });
  const more = rows.length > page.count;
  const shown = rows.slice(0, page.count);
  if (page.fromEnd) shown.reverse();
  const result = connection(shown, ({ createdAt, id }) => encodeCursor(createdAt.getTime(), id), page, more);
  return { ...result, totalCount: () => context.prisma.apiKey.count({ where }) };
}
