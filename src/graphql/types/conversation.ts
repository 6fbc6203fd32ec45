import { queryFromInfo } from '@pothos/plugin-prisma';
import { notFound } from '../../errors.ts';
import { clipPath, type Lineage, pathTo, wherePath } from '../../util/message-path.ts';
import { builder } from '../builder.ts';
import type { SignedInContext } from '../context.ts';
import { decodeId } from '../ids.ts';
import { connection, decodeCursor, encodeCursor, type PageArguments, pageComplexity, readPage } from '../paging.ts';
import { Message } from './message.ts';
import { Turn } from './turn.ts';

type Leaf = { branchId: string; depth: number; branch: { lineage: unknown } };

const LEAF = { branchId: true, depth: true, branch: { select: { lineage: true } } } as const;

export const Conversation = builder.prismaNode('Conversation', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, userId: viewer?.userId ?? '' }),
  fields: (t) => ({
    title: t.exposeString('title', { description: 'Made from the first turn until a person sets one.' }),
    model: t.exposeString('model', { nullable: true, description: 'The last used.' }),
    systemPrompt: t.relation('systemPrompt', {
      nullable: true,
      description:
        'Its newest revision is said to the model in every turn, in place of the server’s default. Null: that one applies.',
    }),
    pinned: t.exposeBoolean('pinned'),
    archivedAt: t.expose('archivedAt', { type: 'DateTime', nullable: true }),
    messageCount: t.exposeInt('messageCount', { description: 'On all branches.' }),
    lastMessage: t.relation('leaf', { nullable: true }),
    messages: t.connection(
      {
        description: 'The path from the root to `leaf` (default: the newest branch), oldest first.',
        type: Message,
        args: { leaf: t.arg.id() },
        complexity: pageComplexity,
        select: { id: true, leaf: { select: LEAF } },
        resolve: async (conversation, args, context, info) => {
          const leaf =
            args.leaf != null
              ? await findLeaf(context as SignedInContext, conversation.id, decodeId('Message', args.leaf, 'leaf'))
              : conversation.leaf;
          const span = pageOfDepths(args, leaf ? leaf.depth + 1 : 0);
          const query = queryFromInfo({ context, info, typeName: 'Message', path: ['edges', 'node'] });
          const path = leaf
            ? clipPath(pathTo(leaf.branch.lineage as Lineage, leaf.branchId, leaf.depth), span.first, span.last)
            : [];
          const rows =
            path.length > 0
              ? await context.prisma.message.findMany({ ...query, where: wherePath(path), orderBy: { depth: 'asc' } })
              : [];
          const page = readPage(args);
          const result = connection(rows, ({ depth }) => encodeCursor(depth), page, span.more);
          return { ...result, totalCount: async () => (leaf ? leaf.depth + 1 : 0) };
        },
      },
      { name: 'MessageConnection' },
      { name: 'MessageEdge' },
    ),
    activeTurn: t.field({
      description: 'The newest turn that is being made.',
      type: Turn,
      nullable: true,
      select: (_args, _context, nested) => ({
        turns: nested({ where: { status: 'GENERATING' }, orderBy: { id: 'desc' }, take: 1 }),
      }),
      resolve: ({ turns }) => turns[0] ?? null,
    }),
    activeAt: t.expose('activeAt', {
      type: 'DateTime',
      description: 'When a message was last added or finished: what lists are ordered by.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
  }),
});

async function findLeaf({ prisma, viewer }: SignedInContext, conversationId: string, id: string): Promise<Leaf> {
  const where = { id, conversationId, conversation: { userId: viewer.userId } };
  const leaf = await prisma.message.findUnique({ where, select: LEAF });
  if (!leaf) throw notFound('message');
  return leaf;
}

/** On a path every depth has one message, so a page of it is a span of depths and nothing needs to be counted. */
function pageOfDepths(args: PageArguments, total: number): { first: number; last: number; more: boolean } {
  const page = readPage(args);
  const low = page.after === null ? 0 : decodeCursor(page.after, 'after', depthOf) + 1;
  const high = page.before === null ? total - 1 : Math.min(decodeCursor(page.before, 'before', depthOf), total) - 1;
  const first = page.fromEnd ? Math.max(low, high - page.count + 1) : low;
  const last = page.fromEnd ? high : Math.min(high, low + page.count - 1);
  return { first, last, more: page.fromEnd ? first > low : last < high };
}

function depthOf([depth]: unknown[]): number | null {
  return typeof depth === 'number' && Number.isSafeInteger(depth) && depth >= 0 ? depth : null;
}
