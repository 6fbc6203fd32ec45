import { queryFromInfo } from '@pothos/plugin-prisma';
import { builder } from '../builder.ts';
import { connection, decodeCursor, encodeCursor, pageComplexity, readPage } from '../paging.ts';
import { ApiKey, ApiKeyConnection, readKeyPage } from './api-key.ts';

const SystemPromptRevision = builder.prismaObject('SystemPromptRevision', {
  description: 'What a system prompt has said. Never changes.',
  // What cursors are made of.
  select: { revision: true },
  fields: (t) => ({
    revision: t.exposeInt('revision', { description: '1, 2, 3 …' }),
    version: t.exposeString('version'),
    text: t.exposeString('text'),
    author: t.relation('author', { nullable: true, description: 'Null: the account has been deleted.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
});

const MAX_REVISION = 2_147_483_647;

function revisionOf([revision]: unknown[]): number | null {
  return Number.isSafeInteger(revision) && Math.abs(revision as number) <= MAX_REVISION ? (revision as number) : null;
}

export const SystemPrompt = builder.prismaNode('SystemPrompt', {
  description:
    'What is said to the model before a conversation. Admins see all of them; others those of their own conversations.',
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { viewer, services }) => ({ id, AND: services.prompts.visible(viewer) }),
  // What the cursors of the list are made of.
  select: { id: true, createdAt: true },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique.' }),
    text: t.string({
      select: { newest: { select: { text: true } } },
      resolve: ({ newest }) => newest.text,
    }),
    version: t.string({
      description: 'A label of the author’s.',
      select: { newest: { select: { version: true } } },
      resolve: ({ newest }) => newest.version,
    }),
    revision: t.exposeInt('revision', { description: 'Counts up at every update; earlier ones are kept.' }),
    revisions: t.withAuth({ admin: true }).connection(
      {
        description: 'All of them, the newest first. Only for admins.',
        type: SystemPromptRevision,
        complexity: pageComplexity,
        select: { id: true, revision: true },
        resolve: async ({ id, revision }, args, context, info) => {
          const page = readPage(args);
          const after = page.after !== null ? { lt: decodeCursor(page.after, 'after', revisionOf) } : {};
          const before = page.before !== null ? { gt: decodeCursor(page.before, 'before', revisionOf) } : {};
          const rows = await context.prisma.systemPromptRevision.findMany({
            ...queryFromInfo({ context, info, typeName: 'SystemPromptRevision', path: ['edges', 'node'] }),
            where: { promptId: id, revision: { ...after, ...before } },
            orderBy: { revision: page.fromEnd ? 'asc' : 'desc' },
            take: page.count + 1,
          });
          const more = rows.length > page.count;
          const shown = rows.slice(0, page.count);
          if (page.fromEnd) shown.reverse();
          const result = connection(shown, (row) => encodeCursor(row.revision), page, more);
          // They are numbered without a gap.
          return { ...result, totalCount: async () => revision };
        },
      },
      { name: 'SystemPromptRevisionConnection' },
      { name: 'SystemPromptRevisionEdge' },
    ),
    apiKeys: t.connection(
      {
        description: 'Whose chats it applies to by itself; the newest first. Only for admins.',
        type: ApiKey,
        authScopes: { admin: true },
        complexity: pageComplexity,
        select: { id: true },
        resolve: ({ id }, args, context, info) => readKeyPage({ systemPromptId: id }, args, context, info),
      },
      ApiKeyConnection,
    ),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When its newest revision was made.' }),
  }),
});
