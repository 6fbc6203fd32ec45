import type { CollectionCounts } from '../../services/files/collections.ts';
import { batched } from '../../util/batched.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { pageComplexity } from '../paging.ts';
import { File, FileConnection, NOBODY } from './file.ts';
import { readFilePage } from './files-page.ts';

export const Visibility = builder.enumType('Visibility', { values: ['PRIVATE', 'SHARED'] as const });

export const Collection = builder.prismaNode('Collection', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { viewer, services }) => ({ id, AND: services.collections.visible(viewer ?? NOBODY) }),
  fields: (t) => ({
    name: t.exposeString('name'),
    description: t.exposeString('description', { nullable: true }),
    visibility: t.expose('visibility', {
      type: Visibility,
      description: 'SHARED: every signed-in user may retrieve from it. Only an admin may make one.',
    }),
    fileCount: t.int({
      select: { id: true },
      resolve: async ({ id }, _args, context) => (await countsOf(context, id)).files,
    }),
    chunkCount: t.int({
      description: 'Of all its files.',
      select: { id: true },
      resolve: async ({ id }, _args, context) => (await countsOf(context, id)).chunks,
    }),
    files: t.connection(
      {
        description: 'The newest first.',
        type: File,
        complexity: pageComplexity,
        select: { id: true },
        // An admin comes here by an API key that is bound to what he may not look into.
        resolve: ({ id }, args, context, info) => {
          const visible = context.services.files.visible(context.viewer ?? NOBODY);
          return readFilePage({ collectionId: id, AND: visible }, args, context, info);
        },
      },
      FileConnection,
    ),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
});

/** For a whole list in one statement, however many of its entries ask. */
async function countsOf(context: Context, id: string): Promise<CollectionCounts> {
  let count = counters.get(context);
  if (!count) {
    count = batched((ids) => context.services.collections.counts(ids));
    counters.set(context, count);
  }
  return (await count(id)) ?? { files: 0, chunks: 0 };
}

/** Of one operation each. */
const counters = new WeakMap<object, (id: string) => Promise<CollectionCounts | undefined>>();
