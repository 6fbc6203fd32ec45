import { queryFromInfo } from '@pothos/plugin-prisma';
import { z } from 'zod';
import { isUuid } from '../../util/ids.ts';
import { actorOf } from '../actor.ts';
import { builder } from '../builder.ts';
import { decodeId, encodeId } from '../ids.ts';
import { connection, decodeCursor, encodeCursor, pageComplexity, readPage } from '../paging.ts';
import { Collection, Visibility } from './collection.ts';

const withoutNul = (text: string) => !text.includes('\0');

const name = z
  .string()
  .trim()
  .min(1, 'A name cannot be empty.')
  .max(200, 'A name has at most 200 characters.')
  .refine(withoutNul, 'A name cannot hold the character NUL.')
  .transform((text) => text.toWellFormed());

const description = z
  .string()
  .trim()
  .max(2_000, 'A description has at most 2,000 characters.')
  .refine(withoutNul, 'A description cannot hold the character NUL.')
  .transform((text) => text.toWellFormed())
  .nullish();

const idOf = ([id]: unknown[]) => (isUuid(id) ? id : null);

builder.queryFields((t) => ({
  collections: t.withAuth({ caller: true }).connection(
    {
      description: 'The viewer’s own, and those for everybody; the newest first. With an API key, its collection.',
      type: Collection,
      complexity: pageComplexity,
      resolve: async (_root, args, context, info) => {
        const page = readPage(args);
        const where = context.services.collections.visible(context.viewer);
        // Ids are made in the order of time.
        const after = page.after !== null ? { id: { lt: decodeCursor(page.after, 'after', idOf) } } : {};
        const before = page.before !== null ? { id: { gt: decodeCursor(page.before, 'before', idOf) } } : {};
        const rows = await context.prisma.collection.findMany({
          ...queryFromInfo({ context, info, typeName: 'Collection', path: ['edges', 'node'] }),
          where: { AND: [where, after, before] },
          orderBy: { id: page.fromEnd ? 'asc' : 'desc' },
          take: page.count + 1,
        });
        const more = rows.length > page.count;
        const shown = rows.slice(0, page.count);
        if (page.fromEnd) shown.reverse();
        const result = connection(shown, ({ id }) => encodeCursor(id), page, more);
        return { ...result, totalCount: () => context.prisma.collection.count({ where }) };
      },
    },
    { name: 'CollectionConnection' },
    { name: 'CollectionEdge' },
  ),
}));

builder.mutationFields((t) => ({
  createCollection: t.withAuth({ user: true }).prismaField({
    type: Collection,
    args: {
      name: t.arg.string({ required: true, validate: name }),
      description: t.arg.string({ validate: description }),
      visibility: t.arg({ type: Visibility, defaultValue: 'PRIVATE' }),
    },
    resolve: async (query, _root, args, context) => {
      const { services, viewer, prisma } = context;
      const id = await services.collections.create(viewer, actorOf(context), {
        name: args.name,
        description: args.description || null,
        visibility: args.visibility ?? 'PRIVATE',
      });
      return prisma.collection.findUniqueOrThrow({ ...query, where: { id } });
    },
  }),
  updateCollection: t.withAuth({ user: true }).prismaField({
    description: 'What is left out stays as it is; null or "" takes the description away.',
    type: Collection,
    args: {
      id: t.arg.id({ required: true }),
      name: t.arg.string({ validate: name.nullish() }),
      description: t.arg.string({ validate: description }),
    },
    resolve: async (query, _root, args, context) => {
      const { services, viewer, prisma } = context;
      const id = decodeId('Collection', args.id, 'id');
      await services.collections.update(viewer, actorOf(context), id, args);
      return prisma.collection.findUniqueOrThrow({ ...query, where: { id } });
    },
  }),
  deleteCollection: t.withAuth({ user: true }).field({
    description: 'With all its files.',
    type: 'ID',
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, args, context) => {
      const id = decodeId('Collection', args.id, 'id');
      await context.services.collections.remove(context.viewer, actorOf(context), id);
      return encodeId('Collection', id);
    },
  }),
}));
