import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import type { Prisma } from '../../generated/prisma/client.ts';
import { isUuid } from '../../util/ids.ts';
import type { Context } from '../context.ts';
import { connection, decodeCursor, encodeCursor, type PageArguments, readPage } from '../paging.ts';

type Position = { createdAt: Date; id: string };

function positionOf([time, id]: unknown[]): Position | null {
  if (!Number.isSafeInteger(time) || !isUuid(id)) return null;
  const createdAt = new Date(time as number);
  // The database knows fewer moments than a Date does; before 1970 there were no files.
  return createdAt.getTime() >= 0 ? { createdAt, id } : null;
}

/** What comes after (lt) or before (gt) a position, in the list's order: the newest first. */
const beyond = (side: 'lt' | 'gt', { createdAt, id }: Position) => ({
  OR: [{ createdAt: { [side]: createdAt } }, { createdAt, id: { [side]: id } }],
});

/** A page of the files that `where` describes. */
export async function readFilePage(
  where: Prisma.FileWhereInput,
  args: PageArguments,
  context: Context,
  info: GraphQLResolveInfo,
) {
  const page = readPage(args);
  const bounds = [
    ...(page.after !== null ? [beyond('lt', decodeCursor(page.after, 'after', positionOf))] : []),
    ...(page.before !== null ? [beyond('gt', decodeCursor(page.before, 'before', positionOf))] : []),
  ];
  const direction = page.fromEnd ? 'asc' : 'desc';
  const rows = await context.prisma.file.findMany({
    ...queryFromInfo({ context, info, typeName: 'File', path: ['edges', 'node'] }),
    where: { AND: [where, ...bounds] },
    orderBy: [{ createdAt: direction }, { id: direction }],
    take: page.count + 1,
  });
  const more = rows.length > page.count;
  const shown = rows.slice(0, page.count);
  if (page.fromEnd) shown.reverse();
  const result = connection(shown, ({ createdAt, id }) => encodeCursor(createdAt.getTime(), id), page, more);
  return { ...result, totalCount: () => context.prisma.file.count({ where }) };
}
