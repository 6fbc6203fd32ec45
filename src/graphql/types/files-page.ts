import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import type { Prisma } from '../../generated/prisma/client.ts';
import type { Context } from '../context.ts';
import { newestFirst } from '../newest-first.ts';
import { connection, encodeCursor, type PageArguments, readPage } from '../paging.ts';

/** A page of the files that `where` describes. */
export async function readFilePage(
  where: Prisma.FileWhereInput,
  args: PageArguments,
  context: Context,
  info: GraphQLResolveInfo,
) {
  const page = readPage(args);
  const direction = page.fromEnd ? 'asc' : 'desc';
  const rows = await context.prisma.file.findMany({
    ...queryFromInfo({ context, info, typeName: 'File', path: ['edges', 'node'] }),
    where: { AND: [where, ...newestFirst(page)] },
    orderBy: [{ createdAt: direction }, { id: direction }],
    take: page.count + 1,
  });
  const more = rows.length > page.count;
  const shown = rows.slice(0, page.count);
  if (page.fromEnd) shown.reverse();
  const result = connection(shown, ({ createdAt, id }) => encodeCursor(createdAt.getTime(), id), page, more);
  return { ...result, totalCount: () => context.prisma.file.count({ where }) };
}
