import { z } from 'zod';
import { builder } from '../builder.ts';
import { Passage } from './citation.ts';
import { readScope, SCOPE, scopeIds } from './turn-input.ts';

const MAX_TEXT = 2_000;
const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 50;

const SearchInput = builder.inputType('SearchInput', {
  description: SCOPE,
  fields: (t) => ({
    text: t.string({
      required: true,
      validate: z
        .string()
        .max(MAX_TEXT, `A search has at most ${MAX_TEXT} characters.`)
        .refine((text) => text.trim() !== '', 'A search cannot be empty.')
        .refine((text) => !text.includes('\0'), 'A search cannot hold the character NUL.')
        .transform((text) => text.toWellFormed()),
    }),
    collectionIds: t.idList({ validate: scopeIds }),
    fileIds: t.idList({ validate: scopeIds }),
    limit: t.int({
      defaultValue: DEFAULT_LIMIT,
      validate: z
        .number()
        .min(1, `limit is between 1 and ${MAX_LIMIT}.`)
        .max(MAX_LIMIT, `limit is between 1 and ${MAX_LIMIT}.`)
        .nullish(),
    }),
    rerank: t.boolean({ description: 'A model puts what was found into order. Left out: as the server is set.' }),
  }),
});

builder.queryField('search', (t) =>
  t.withAuth({ caller: true }).field({
    description: 'What there is in the viewer’s files and in the collections for all, best first.',
    type: [Passage],
    args: { input: t.arg({ type: SearchInput, required: true }) },
    complexity: (args) => ({ field: 50, multiplier: args.input.limit ?? DEFAULT_LIMIT }),
    resolve: (_root, { input }, { services, viewer, signal }) =>
      services.retrieval.search(
        viewer.userId,
        {
          ...readScope(input, 'input'),
          text: input.text,
          limit: input.limit ?? DEFAULT_LIMIT,
          rerank: input.rerank ?? null,
        },
        signal,
      ),
  }),
);
