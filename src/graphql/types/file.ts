import { z } from 'zod';
import type { File as FileRow } from '../../generated/prisma/client.ts';
import { batched } from '../../util/batched.ts';
import { builder } from '../builder.ts';
import type { SignedInContext } from '../context.ts';

export const FileStatus = builder.enumType('FileStatus', {
  values: ['QUEUED', 'PROCESSING', 'READY', 'FAILED'] as const,
});

/** Nothing is looked up for who has not signed in. */
export const NOBODY = { userId: '', key: null };

const offset = z.int().min(0, 'An offset is not below 0.').nullish();

export const File = builder.prismaNode('File', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { viewer, services }) => ({ id, AND: services.files.visible(viewer ?? NOBODY) }),
  fields: (t) => ({
    name: t.exposeString('name'),
    mimeType: t.exposeString('mimeType', { description: 'Decided by the bytes, not by the name.' }),
    size: t.exposeInt('size', { description: 'In bytes.' }),
    sha256: t.exposeString('sha256', { description: 'Of the bytes, hexadecimal.' }),
    status: t.expose('status', { type: FileStatus }),
    progress: t.exposeFloat('progress', { description: 'Of the reading: 0 to 1.' }),
    error: t.exposeString('error', { nullable: true, description: 'Why it FAILED, for a person.' }),
    attempts: t.exposeInt('attempts'),
    chunkCount: t.exposeInt('chunkCount', { description: 'Pieces that it is found by.' }),
    pageCount: t.exposeInt('pageCount', { nullable: true }),
    textLength: t.exposeInt('textLength', { description: 'Of the extracted text, in UTF-16 units.' }),
    embeddingModel: t.exposeString('embeddingModel', {
      nullable: true,
      description: 'The one that its chunks were embedded with. Null: it is found by its words alone.',
    }),
    collection: t.relation('collection', { nullable: true }),
    downloadUrl: t.string({
      description: 'Needs the same credentials as the graph.',
      select: { id: true },
      resolve: ({ id }, _args, { services }) => services.files.downloadUrl(id),
    }),
    text: t.string({
      description:
        'A stretch of the extracted text, 20,000 UTF-16 units at most: a passage with what stands around it, say. Null before the file has been read.',
      nullable: true,
      complexity: 20,
      args: {
        start: t.arg.int({ defaultValue: 0, validate: offset }),
        end: t.arg.int({ description: 'Exclusive. Left out: as far as it goes.', validate: offset }),
      },
      select: { id: true },
      resolve: ({ id }, { start, end }, { services }) => services.files.text(id, start ?? 0, end ?? null),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    processedAt: t.expose('processedAt', { type: 'DateTime', nullable: true }),
  }),
});

export const FileConnection = builder.connectionObject(
  { name: 'FileConnection', type: File },
  builder.edgeObject({ name: 'FileEdge', type: File }),
);

/** A file by its id, for what refers to files without being related to them: one statement for a whole list. */
export function findFile(context: SignedInContext, id: string): Promise<FileRow | undefined> {
  let find = finders.get(context);
  if (!find) {
    const { prisma, services, viewer } = context;
    find = batched(async (ids) => {
      const where = { id: { in: ids }, AND: services.files.visible(viewer) };
      return new Map((await prisma.file.findMany({ where })).map((file) => [file.id, file]));
    });
    finders.set(context, find);
  }
  return find(id);
}

/** Of one operation each. */
const finders = new WeakMap<object, (id: string) => Promise<FileRow | undefined>>();
