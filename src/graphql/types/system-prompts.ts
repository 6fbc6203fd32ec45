import { queryFromInfo } from '@pothos/plugin-prisma';
import { z } from 'zod';
import { actorOf } from '../actor.ts';
import { builder } from '../builder.ts';
import { decodeId, encodeId } from '../ids.ts';
import { newestFirst } from '../newest-first.ts';
import { connection, encodeCursor, pageComplexity, readPage } from '../paging.ts';
import { SystemPrompt } from './system-prompt.ts';

const MAX_TEXT = 100_000;

const withoutNul = (text: string) => !text.includes('\0');

/** Composed, so that two names that look the same are the same. */
const line = (name: string, max: number) =>
  z
    .string()
    .trim()
    .min(1, `${name} cannot be empty.`)
    .max(max, `${name} has at most ${max} characters.`)
    .refine(withoutNul, `${name} cannot hold the character NUL.`)
    .transform((text) => text.toWellFormed().normalize('NFC'));

const text = z
  .string()
  .max(MAX_TEXT, `A system prompt has at most ${MAX_TEXT} characters.`)
  .refine((given) => given.trim() !== '', 'A system prompt cannot be empty.')
  .refine(withoutNul, 'A system prompt cannot hold the character NUL.')
  .transform((given) => given.toWellFormed());

const name = line('A name', 200);
const version = line('A version', 100);

export const CreateSystemPromptInput = builder.inputType('CreateSystemPromptInput', {
  fields: (t) => ({
    name: t.string({ required: true, description: 'Unique.', validate: name }),
    text: t.string({ required: true, description: `At most ${MAX_TEXT} characters.`, validate: text }),
    version: t.string({ description: 'A label of the author’s. Left out: "1".', validate: version.nullish() }),
  }),
});

const UpdateSystemPromptInput = builder.inputType('UpdateSystemPromptInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    id: t.id({ required: true }),
    name: t.string({ validate: name.nullish() }),
    text: t.string({ validate: text.nullish() }),
    version: t.string({ validate: version.nullish() }),
    ifRevision: t.int({
      description: 'The revision that the changes were written from: CONFLICT where there is a newer one.',
    }),
  }),
});

builder.queryFields((t) => ({
  systemPrompts: t.withAuth({ admin: true }).connection(
    {
      description: 'The newest first. Only for admins.',
      type: SystemPrompt,
      complexity: pageComplexity,
      resolve: async (_root, args, context, info) => {
        const page = readPage(args);
        const direction = page.fromEnd ? 'asc' : 'desc';
        const rows = await context.prisma.systemPrompt.findMany({
          ...queryFromInfo({ context, info, typeName: 'SystemPrompt', path: ['edges', 'node'] }),
          where: { AND: newestFirst(page) },
          orderBy: [{ createdAt: direction }, { id: direction }],
          take: page.count + 1,
        });
        const more = rows.length > page.count;
        const shown = rows.slice(0, page.count);
        if (page.fromEnd) shown.reverse();
        const result = connection(shown, ({ createdAt, id }) => encodeCursor(createdAt.getTime(), id), page, more);
        return { ...result, totalCount: () => context.prisma.systemPrompt.count() };
      },
    },
    { name: 'SystemPromptConnection' },
    { name: 'SystemPromptEdge' },
  ),
  systemPrompt: t.withAuth({ admin: true }).prismaField({
    description: 'Only for admins.',
    type: SystemPrompt,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, { prisma }) =>
      prisma.systemPrompt.findUnique({ ...query, where: { id: decodeId('SystemPrompt', id, 'id') } }),
  }),
}));

builder.mutationFields((t) => ({
  createSystemPrompt: t.withAuth({ admin: true }).prismaField({
    description: 'Only for admins.',
    type: SystemPrompt,
    args: { input: t.arg({ type: CreateSystemPromptInput, required: true }) },
    resolve: async (query, _root, { input }, context) => {
      const id = await context.services.prompts.create(actorOf(context), input);
      return context.prisma.systemPrompt.findUniqueOrThrow({ ...query, where: { id } });
    },
  }),
  updateSystemPrompt: t.withAuth({ admin: true }).prismaField({
    description: 'Adds a revision, which applies from the next turn on. Only for admins.',
    type: SystemPrompt,
    args: { input: t.arg({ type: UpdateSystemPromptInput, required: true }) },
    resolve: async (query, _root, { input: { id: globalId, ...changes } }, context) => {
      const id = decodeId('SystemPrompt', globalId, 'input.id');
      await context.services.prompts.update(actorOf(context), id, changes);
      return context.prisma.systemPrompt.findUniqueOrThrow({ ...query, where: { id } });
    },
  }),
  restoreSystemPrompt: t.withAuth({ admin: true }).prismaField({
    description: 'Adds a revision with the text and the version of an older one. Only for admins.',
    type: SystemPrompt,
    args: { id: t.arg.id({ required: true }), revision: t.arg.int({ required: true }) },
    resolve: async (query, _root, args, context) => {
      const id = decodeId('SystemPrompt', args.id, 'id');
      await context.services.prompts.restore(actorOf(context), id, args.revision);
      return context.prisma.systemPrompt.findUniqueOrThrow({ ...query, where: { id } });
    },
  }),
  deleteSystemPrompt: t.withAuth({ admin: true }).field({
    description: 'With all its revisions. CONFLICT where it is in use, which says by whom. Only for admins.',
    type: 'ID',
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, args, context) => {
      const id = decodeId('SystemPrompt', args.id, 'id');
      await context.services.prompts.remove(actorOf(context), id);
      return encodeId('SystemPrompt', id);
    },
  }),
}));
