import { z } from 'zod';
import type { GenerationOptions as ModelOptions } from '../../ports/language-model.ts';
import type { RetrievalRequest } from '../../services/chat/start-turn.ts';
import { formatModelId, MODEL_ID_FORM, readModelId } from '../../util/model-id.ts';
import { builder } from '../builder.ts';
import { decodeId, type NodeType } from '../ids.ts';
import { isJsonSchema } from '../json-schema.ts';

const MAX_TEXT = 200_000;

export const promptText = z
  .string()
  .max(MAX_TEXT, `A prompt has at most ${MAX_TEXT} characters.`)
  .refine((text) => text.trim() !== '', 'A prompt cannot be empty.')
  .refine((text) => !text.includes('\0'), 'A prompt cannot hold the character NUL.')
  .transform((text) => text.toWellFormed());

/** The full id, its aliases resolved; an empty one counts as none. Whether the provider is there is asked later. */
export const modelName = z
  .string()
  .max(300, 'A model id has at most 300 characters.')
  .refine((id) => !id.includes('\0'), 'A model id cannot hold the character NUL.')
  .transform((id, { issues }) => {
    if (id.trim() === '') return null;
    const parsed = readModelId(id);
    if (parsed) return formatModelId(parsed);
    issues.push({ code: 'custom', input: id, message: MODEL_ID_FORM });
    return z.NEVER;
  })
  .nullish();

const between = (name: string, low: number, high: number) =>
  z
    .number()
    .min(low, `${name} is between ${low} and ${high}.`)
    .max(high, `${name} is between ${low} and ${high}.`)
    .nullish();

const MAX_IDS = 500;
export const scopeIds = z.array(z.string()).max(MAX_IDS, `At most ${MAX_IDS} can be named.`).nullish();

export const SCOPE =
  'With collectionIds or fileIds, exactly what they name is searched (an empty list names nothing); without both, everything that the viewer may search.';

const RetrievalInput = builder.inputType('RetrievalInput', {
  description: `Which files an answer is made from. ${SCOPE}`,
  fields: (t) => ({
    enabled: t.boolean({ defaultValue: true }),
    collectionIds: t.idList({ validate: scopeIds }),
    fileIds: t.idList({ validate: scopeIds }),
    topK: t.int({
      description: 'How many passages at most. Left out: as the server is set.',
      validate: between('topK', 1, 50),
    }),
    rerank: t.boolean({ description: 'A model puts them into order. Left out: as the server is set.' }),
  }),
});

const GenerationOptions = builder.inputType('GenerationOptions', {
  description: 'What is left out is the model’s own default.',
  fields: (t) => ({
    temperature: t.float({ validate: between('temperature', 0, 2) }),
    topP: t.float({ validate: between('topP', 0, 1) }),
    topK: t.int({ validate: between('topK', 1, 1_000) }),
    maxTokens: t.int({ validate: between('maxTokens', 1, 1_000_000) }),
    seed: t.int(),
    stop: t.stringList({
      validate: z
        .array(z.string().min(1, 'A stop text cannot be empty.').max(200, 'A stop text has at most 200 characters.'))
        .max(4, 'There are at most 4 stop texts.')
        .nullish(),
    }),
    jsonSchema: t.field({
      type: 'JSON',
      description: 'The answer is JSON that holds to this JSON Schema.',
      validate: z
        .unknown()
        .refine(isJsonSchema, { error: 'This is not a JSON Schema.', abort: true })
        .refine((schema) => JSON.stringify(schema).length <= 50_000, 'A JSON Schema has at most 50,000 characters.')
        .nullish(),
    }),
  }),
});

export const position = z.number().min(0, 'A cursor is a position: 0 or more.').nullish();

const AFTER = 'Resume: only events with a greater cursor.';

export const ChatInput = builder.inputType('ChatInput', {
  fields: (t) => ({
    turnKey: t.field({
      type: 'UUID',
      required: true,
      description:
        'Makes the turn retry-safe: a second one with the same key joins the first and generates nothing; the same key with another text is a CONFLICT.',
    }),
    text: t.string({ required: true, validate: promptText }),
    conversationId: t.id({ description: 'Left out: a new conversation.' }),
    parentId: t.id({
      description:
        'The answer to go on from. Left out: the newest message. An older one makes a branch; the id of the conversation itself makes one at its root.',
    }),
    model: t.string({
      description: 'Such as "ollama/llama3.2:3b". Left out: the server’s default.',
      validate: modelName,
    }),
    retrieval: t.field({ type: RetrievalInput }),
    options: t.field({ type: GenerationOptions }),
    after: t.int({ defaultValue: 0, description: AFTER, validate: position }),
  }),
});

export const RegenerateInput = builder.inputType('RegenerateInput', {
  fields: (t) => ({
    turnKey: t.field({ type: 'UUID', required: true }),
    messageId: t.id({ required: true, description: 'The answer to make again, or the prompt to answer again.' }),
    model: t.string({ description: 'Left out: the model of that answer.', validate: modelName }),
    options: t.field({ type: GenerationOptions }),
    retrieval: t.field({ type: RetrievalInput }),
    after: t.int({ defaultValue: 0, description: AFTER, validate: position }),
  }),
});

type GivenOptions = { [Name in keyof ModelOptions]?: unknown };

/** The options that were given. */
export function readOptions(given: GivenOptions | null | undefined): ModelOptions {
  const entries = Object.entries(given ?? {}).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries) as ModelOptions;
}

type GivenIds = string[] | null | undefined;

/** What a search is restricted to. Throws BAD_USER_INPUT for what is no id of the type. */
export function readScope(given: { collectionIds?: GivenIds; fileIds?: GivenIds }, path: string) {
  const ids = (type: NodeType, list: GivenIds, name: string) =>
    list?.map((id) => decodeId(type, id, `${path}.${name}`)) ?? null;
  return {
    collectionIds: ids('Collection', given.collectionIds, 'collectionIds'),
    fileIds: ids('File', given.fileIds, 'fileIds'),
  };
}

/** Null: as the server does it. */
export function readRetrieval(given: typeof RetrievalInput.$inferInput | null | undefined): RetrievalRequest | null {
  if (!given) return null;
  const scope = readScope(given, 'input.retrieval');
  return { ...scope, enabled: given.enabled ?? true, topK: given.topK ?? null, rerank: given.rerank ?? null };
}
