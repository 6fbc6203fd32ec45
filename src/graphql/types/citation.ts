import type { Citation as CitationShape, Passage as PassageShape } from '../../ports/event-log.ts';
import { builder } from '../builder.ts';
import type { SignedInContext } from '../context.ts';
import { File, findFile } from './file.ts';

export const Passage = builder.objectRef<PassageShape>('Passage').implement({
  description: 'A stretch of a file, as it was when it was found.',
  fields: (t) => ({
    file: t.field({
      type: File,
      nullable: true,
      description: 'Null once the file is deleted, or not the viewer’s to see any more.',
      resolve: async ({ fileId }, _args, context) => (await findFile(context as SignedInContext, fileId)) ?? null,
    }),
    fileName: t.exposeString('fileName'),
    text: t.exposeString('text'),
    page: t.exposeInt('page', {
      nullable: true,
      description: 'On which it begins: 1, 2, 3 … Null: there are no pages.',
    }),
    start: t.exposeInt('start', { description: 'Offsets in the extracted text of the file, in UTF-16 units.' }),
    end: t.exposeInt('end'),
    score: t.exposeFloat('score', { description: 'Of the search, 0 to 1; 1: found first in every way.' }),
    denseRank: t.exposeInt('denseRank', { nullable: true, description: 'Among what was found by meaning, from 1.' }),
    lexicalRank: t.exposeInt('lexicalRank', { nullable: true, description: 'Among what was found by words, from 1.' }),
    rerankScore: t.exposeFloat('rerankScore', { nullable: true, description: 'What a model gave it: 0 to 1.' }),
  }),
});

export const Citation = builder.objectRef<CitationShape>('Citation').implement({
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'The number by which the answer refers to it: [1].' }),
    passage: t.expose('passage', { type: Passage }),
  }),
});
