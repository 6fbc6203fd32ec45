import { z } from 'zod';
import type { ProviderName } from '../../ports/language-model.ts';
import { actorOf } from '../actor.ts';
import { builder } from '../builder.ts';
import { decodeId, encodeId } from '../ids.ts';
import { newestFirst } from '../newest-first.ts';
import { connection, encodeCursor, pageComplexity, readPage } from '../paging.ts';
import { Provider } from './model.ts';

const ModelVersion = builder.prismaNode('ModelVersion', {
  description: 'What an admin has put down of a model that is in use. The newest of a model is the current one.',
  id: { field: 'id' },
  nullable: true,
  // Not for API keys.
  findUnique: (id, { viewer }) => ({ id, ...(viewer?.key && { NOT: { id } }) }),
  fields: (t) => ({
    provider: t.field({
      type: Provider,
      resolve: ({ provider }) => provider as ProviderName,
    }),
    modelName: t.exposeString('modelName', { description: 'Without the provider, as in the id of the model.' }),
    versionTag: t.exposeString('versionTag', { description: 'Stands in the answers that begin while it is current.' }),
    notes: t.exposeString('notes', { nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
  }),
});

const withoutNul = (text: string) => !text.includes('\0');

const line = (name: string, max: number) =>
  z
    .string()
    .trim()
    .min(1, `${name} cannot be empty.`)
    .max(max, `${name} has at most ${max} characters.`)
    .refine(withoutNul, `${name} cannot hold the character NUL.`)
    .transform((text) => text.toWellFormed());

const notes = z
  .string()
  .trim()
  .max(5_000, 'Notes have at most 5,000 characters.')
  .refine(withoutNul, 'Notes cannot hold the character NUL.')
  .transform((text) => text.toWellFormed())
  .nullish();

const ModelVersionInput = builder.inputType('ModelVersionInput', {
  fields: (t) => ({
    provider: t.field({ type: Provider, required: true }),
    modelName: t.string({
      required: true,
      description: 'Without the provider: "llama3.2:3b".',
      validate: line('A model name', 300),
    }),
    versionTag: t.string({
      required: true,
      description: 'Once for a model.',
      validate: line('A version tag', 100),
    }),
    notes: t.string({
      description: 'In an update: left out, they stay; null or "" takes them away.',
      validate: notes,
    }),
  }),
});

builder.queryField('modelVersions', (t) =>
  t.withAuth({ user: true }).connection(
    {
      description: 'Of all models, the newest first.',
      type: ModelVersion,
      complexity: pageComplexity,
      resolve: async (_root, args, { prisma }) => {
        const page = readPage(args);
        const direction = page.fromEnd ? 'asc' : 'desc';
        const rows = await prisma.modelVersion.findMany({
          where: { AND: newestFirst(page) },
          orderBy: [{ createdAt: direction }, { id: direction }],
          take: page.count + 1,
        });
        const more = rows.length > page.count;
        const shown = rows.slice(0, page.count);
        if (page.fromEnd) shown.reverse();
        const result = connection(shown, ({ createdAt, id }) => encodeCursor(createdAt.getTime(), id), page, more);
        return { ...result, totalCount: () => prisma.modelVersion.count() };
      },
    },
    { name: 'ModelVersionConnection' },
    { name: 'ModelVersionEdge' },
  ),
);

builder.mutationFields((t) => ({
  createModelVersion: t.withAuth({ admin: true }).prismaField({
    description: 'It is the current one of its model from now on. Only for admins.',
    type: ModelVersion,
    args: { input: t.arg({ type: ModelVersionInput, required: true }) },
    resolve: async (query, _root, { input }, context) => {
      const id = await context.services.modelVersions.create(actorOf(context), input);
      return context.prisma.modelVersion.findUniqueOrThrow({ ...query, where: { id } });
    },
  }),
  updateModelVersion: t.withAuth({ admin: true }).prismaField({
    description: 'Answers that are there keep the tag that they have. Only for admins.',
    type: ModelVersion,
    args: { id: t.arg.id({ required: true }), input: t.arg({ type: ModelVersionInput, required: true }) },
    resolve: async (query, _root, args, context) => {
      const id = decodeId('ModelVersion', args.id, 'id');
      await context.services.modelVersions.update(actorOf(context), id, args.input);
      return context.prisma.modelVersion.findUniqueOrThrow({ ...query, where: { id } });
    },
  }),
  deleteModelVersion: t.withAuth({ admin: true }).field({
    description: 'Of those that remain, the newest is the current one. Only for admins.',
    type: 'ID',
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, args, context) => {
      const id = decodeId('ModelVersion', args.id, 'id');
      await context.services.modelVersions.remove(actorOf(context), id);
      return encodeId('ModelVersion', id);
    },
  }),
}));
