import { builder } from '../builder.ts';
import { encodeId, NODE_TYPES } from '../ids.ts';
import { newestFirst } from '../newest-first.ts';
import { connection, encodeCursor, pageComplexity, readPage } from '../paging.ts';

const AuditEvent = builder.prismaNode('AuditEvent', {
  description: 'Who did what to which thing, and from where. Only for admins.',
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, ...(!viewer?.isAdmin && { NOT: { id } }) }),
  fields: (t) => ({
    at: t.expose('createdAt', { type: 'DateTime' }),
    actor: t.exposeString('actorName', { description: 'Its username then. "anonymous": nobody who had signed in.' }),
    actorId: t.id({
      nullable: true,
      description: 'The account may be gone.',
      resolve: ({ actorId }) => actorId && encodeId('User', actorId),
    }),
    action: t.exposeString('action', { description: 'Such as user-created or login-failed.' }),
    target: t.exposeString('subjectName', { nullable: true, description: 'The name then of what it was done to.' }),
    targetType: t.exposeString('subjectType', { nullable: true }),
    targetId: t.id({
      nullable: true,
      description: 'Null for what has no global id, such as a model.',
      resolve: ({ subjectType, subjectId }) => {
        const type = NODE_TYPES.find((candidate) => candidate === subjectType);
        return type && subjectId ? encodeId(type, subjectId) : null;
      },
    }),
    detail: t.expose('details', { type: 'JSON', nullable: true }),
    ip: t.exposeString('ip', { nullable: true, description: 'Null: not over the network.' }),
  }),
});

builder.queryField('auditEvents', (t) =>
  t.withAuth({ admin: true }).connection(
    {
      description: 'The newest first; kept for AUDIT_RETENTION_DAYS. Only for admins.',
      type: AuditEvent,
      complexity: pageComplexity,
      resolve: async (_root, args, { prisma }) => {
        const page = readPage(args);
        const direction = page.fromEnd ? 'asc' : 'desc';
        const rows = await prisma.auditEvent.findMany({
          where: { AND: newestFirst(page) },
          orderBy: [{ createdAt: direction }, { id: direction }],
          take: page.count + 1,
        });
        const more = rows.length > page.count;
        const shown = rows.slice(0, page.count);
        if (page.fromEnd) shown.reverse();
        const result = connection(shown, ({ createdAt, id }) => encodeCursor(createdAt.getTime(), id), page, more);
        return { ...result, totalCount: () => prisma.auditEvent.count() };
      },
    },
    { name: 'AuditEventConnection' },
    { name: 'AuditEventEdge' },
  ),
);
