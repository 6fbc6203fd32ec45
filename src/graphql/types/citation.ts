import { builder } from '../builder.ts';

export type PassageShape = {
  fileName: string;
  text: string;
  page: number | null;
  start: number;
  end: number;
  score: number;
  denseRank: number | null;
  lexicalRank: number | null;
  rerankScore: number | null;
};

const Passage = builder.objectRef<PassageShape>('Passage').implement({
  fields: (t) => ({
    fileName: t.exposeString('fileName'),
    text: t.exposeString('text'),
    page: t.exposeInt('page', { nullable: true }),
    start: t.exposeInt('start', { description: 'Offsets in the extracted text of the file, in UTF-16 units.' }),
    end: t.exposeInt('end'),
    score: t.exposeFloat('score'),
    denseRank: t.exposeInt('denseRank', { nullable: true }),
    lexicalRank: t.exposeInt('lexicalRank', { nullable: true }),
    rerankScore: t.exposeFloat('rerankScore', { nullable: true }),
  }),
});

export const Citation = builder.objectRef<{ index: number; passage: PassageShape }>('Citation').implement({
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'The number by which the answer refers to it: [1].' }),
    passage: t.expose('passage', { type: Passage }),
  }),
});
