import { z } from 'zod';
import type { KeyStatus } from '../../services/keys/keys.ts';
import { actorOf } from '../actor.ts';
import { builder } from '../builder.ts';
import { decodeId, decodeOptionalId, encodeId } from '../ids.ts';
import { pageComplexity } from '../paging.ts';
import { ApiKey, ApiKeyConnection, readKeyPage } from './api-key.ts';
import { CreateSystemPromptInput } from './system-prompts.ts';

const MAX_LIMIT = 2_147_483_647;

const withoutNul = (text: string) => !text.includes('\0');

/** Composed, so that two names that look the same are the same. */
const clientName = z
  .string()
  .trim()
  .min(1, 'A client name cannot be empty.')
  .max(200, 'A client name has at most 200 characters.')
  .refine(withoutNul, 'A client name cannot hold the character NUL.')
  .transform((text) => text.toWellFormed().normalize('NFC'));

const notes = z
  .string()
  .trim()
  .max(5_000, 'Notes have at most 5,000 characters.')
  .refine(withoutNul, 'Notes cannot hold the character NUL.')
  .transform((text) => text.toWellFormed())
  .nullish();

const limit = (name: string) =>
  z.int().min(1, `${name} is 1 or more.`).max(MAX_LIMIT, `${name} is too large.`).nullish();

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  fields: (t) => ({
    clientName: t.string({ required: true, description: 'Unique, whatever the case.', validate: clientName }),
    notes: t.string({ validate: notes }),
    collectionId: t.id({ description: 'Of anybody. Left out: it retrieves from nothing and cannot upload.' }),
    systemPromptId: t.id({ description: 'Left out: the server’s default applies.' }),
    prompt: t.field({
      type: CreateSystemPromptInput,
      description: 'In place of systemPromptId: makes the prompt, and binds it.',
    }),
    requestsPerMinute: t.int({
      description: 'Left out: the server’s limit.',
      validate: limit('requestsPerMinute'),
    }),
    tokensPerDay: t.int({ description: 'Left out: the server’s limit.', validate: limit('tokensPerDay') }),
    expiresAt: t.field({ type: 'DateTime', description: 'Left out: never.' }),
  }),
});

const ApiKeyStatus = builder.objectRef<KeyStatus>('ApiKeyStatus').implement({
  description: 'What is known of a secret.',
  fields: (t) => ({
    exists: t.exposeBoolean('exists'),
    active: t.exposeBoolean('active', { description: 'Neither deactivated nor expired.' }),
    clientName: t.exposeString('clientName', { nullable: true }),
    collectionName: t.exposeString('collectionName', { nullable: true }),
    systemPromptName: t.exposeString('systemPromptName', { nullable: true }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime', nullable: true }),
  }),
});

const CreateApiKeyPayload = builder.objectRef<{ id: string; secret: string }>('CreateApiKeyPayload').implement({
  fields: (t) => ({
    apiKey: t.prismaField({
      type: ApiKey,
      resolve: (query, { id }, _args, { prisma }) => prisma.apiKey.findUniqueOrThrow({ ...query, where: { id } }),
    }),
    secret: t.exposeString('secret', { description: 'It is not stored: nobody can be told it again.' }),
  }),
});

builder.queryFields((t) => ({
  // `withAuth` would not take a connection type that is shared.
  apiKeys: t.connection(
    {
      authScopes: { admin: true },
      description: 'The newest first. Only for admins.',
      type: ApiKey,
      complexity: pageComplexity,
      resolve: (_root, args, context, info) => readKeyPage({}, args, context, info),
    },
    ApiKeyConnection,
  ),
  apiKeyStatus: t.withAuth({ admin: true }).field({
    description: 'Whose a secret is, and whether it is good. Send it as a variable. Only for admins.',
    type: ApiKeyStatus,
    args: { secret: t.arg.string({ required: true, validate: z.string().max(1_000, 'This is too long.') }) },
    resolve: (_root, { secret }, { services }) => services.keys.status(secret),
  }),
}));

builder.mutationFields((t) => ({
  createApiKey: t.withAuth({ admin: true }).field({
    description: 'Only for admins.',
    type: CreateApiKeyPayload,
    args: { input: t.arg({ type: CreateApiKeyInput, required: true }) },
    resolve: (_root, { input }, context) =>
      context.services.keys.create(actorOf(context), {
        clientName: input.clientName,
        notes: input.notes || null,
        collectionId: decodeOptionalId('Collection', input.collectionId, 'input.collectionId'),
        systemPromptId: decodeOptionalId('SystemPrompt', input.systemPromptId, 'input.systemPromptId'),
        prompt: input.prompt ?? null,
        requestsPerMinute: input.requestsPerMinute ?? null,
        tokensPerDay: input.tokensPerDay ?? null,
        expiresAt: input.expiresAt ?? null,
      }),
  }),
  deactivateApiKey: t.withAuth({ admin: true }).prismaField({
    description:
      'It is refused from now on, and what is open with it is closed; what was made with it stays. There is no way back. Only for admins.',
    type: ApiKey,
    args: { id: t.arg.id({ required: true }) },
    resolve: async (query, _root, args, context) => {
      const id = decodeId('ApiKey', args.id, 'id');
      await context.services.keys.deactivate(actorOf(context), id);
      return context.prisma.apiKey.findUniqueOrThrow({ ...query, where: { id } });
    },
  }),
  deleteApiKey: t.withAuth({ admin: true }).field({
    description:
      'With everything that was made with it: conversations, and files that it has uploaded. Only for admins.',
    type: 'ID',
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, args, context) => {
      const id = decodeId('ApiKey', args.id, 'id');
      await context.services.keys.remove(actorOf(context), id);
      return encodeId('ApiKey', id);
    },
  }),
  setApiKeyPrompt: t.withAuth({ admin: true }).prismaField({
    description: 'From the next turn on. Null: the server’s default applies. Only for admins.',
    type: ApiKey,
    args: { id: t.arg.id({ required: true }), systemPromptId: t.arg.id() },
    resolve: async (query, _root, args, context) => {
      const id = decodeId('ApiKey', args.id, 'id');
      const systemPromptId = decodeOptionalId('SystemPrompt', args.systemPromptId, 'systemPromptId');
      await context.services.keys.setPrompt(actorOf(context), id, systemPromptId);
      return context.prisma.apiKey.findUniqueOrThrow({ ...query, where: { id } });
    },
  }),
}));
