import { z } from 'zod';
import { deletedMeanwhile } from '../../errors.ts';
import type { File as FileRow } from '../../generated/prisma/client.ts';
import { builder } from '../builder.ts';
import type { SignedInContext } from '../context.ts';
import { decodeId, decodeOptionalId, encodeId } from '../ids.ts';
import { pageComplexity } from '../paging.ts';
import { File, FileConnection, FileStatus } from './file.ts';
import { readFilePage } from './files-page.ts';

const searchText = z
  .string()
  .max(200, 'A search has at most 200 characters.')
  .refine((text) => !text.includes('\0'), 'A search cannot hold the character NUL.');

const FileFilter = builder.inputType('FileFilter', {
  fields: (t) => ({
    status: t.field({ type: FileStatus }),
    collectionId: t.id({ description: 'Left out: the viewer’s own files, in collections and outside of any.' }),
    text: t.string({ description: 'In names, whatever the case.', validate: searchText.nullish() }),
  }),
});

builder.queryFields((t) => ({
  // `withAuth` would not take a connection type that is shared.
  files: t.connection(
    {
      authScopes: { caller: true },
      description: 'The newest first.',
      type: File,
      args: { filter: t.arg({ type: FileFilter }) },
      complexity: pageComplexity,
      resolve: async (_root, args, context, info) => {
        const { services, viewer } = context as SignedInContext;
        const collectionId = decodeOptionalId('Collection', args.filter?.collectionId, 'filter.collectionId');
        const where = await services.files.where(viewer, { ...args.filter, collectionId });
        return readFilePage(where, args, context, info);
      },
    },
    FileConnection,
  ),
  file: t.withAuth({ caller: true }).prismaField({
    type: File,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, { prisma, services, viewer }) =>
      prisma.file.findUnique({
        ...query,
        where: { id: decodeId('File', id, 'id'), AND: services.files.visible(viewer) },
      }),
  }),
}));

const UploadFileInput = builder.inputType('UploadFileInput', {
  fields: (t) => ({
    file: t.field({ type: 'Upload', required: true }),
    collectionId: t.id({ description: 'Left out: outside of any collection; with an API key, in its collection.' }),
  }),
});

builder.mutationFields((t) => ({
  uploadFile: t.withAuth({ caller: true }).prismaField({
    description:
      'Over HTTP alone, as a GraphQL multipart request. The same bytes twice in one collection, or outside of any, are one file: the one that is there is answered.',
    type: File,
    args: { input: t.arg({ type: UploadFileInput, required: true }) },
    resolve: async (query, _root, { input }, { services, viewer, prisma }) => {
      const collectionId = decodeOptionalId('Collection', input.collectionId, 'input.collectionId');
      const { id } = await services.files.add(viewer, input.file.take(), { name: input.file.name, collectionId });
      const file = await prisma.file.findUnique({ ...query, where: { id } });
      if (!file) throw deletedMeanwhile();
      return file;
    },
  }),
  deleteFile: t.withAuth({ caller: true }).field({
    description: 'With everything that was made of it. What has cited it keeps the text of its citations.',
    type: 'ID',
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, args, { services, viewer }) => {
      const id = decodeId('File', args.id, 'id');
      await services.files.remove(viewer, id);
      return encodeId('File', id);
    },
  }),
  retryFile: t.withAuth({ caller: true }).prismaField({
    description: 'Reads a file anew that has FAILED. CONFLICT for any other.',
    type: File,
    args: { id: t.arg.id({ required: true }) },
    resolve: async (query, _root, args, { services, viewer, prisma }) => {
      const id = decodeId('File', args.id, 'id');
      await services.files.retry(viewer, id);
      return prisma.file.findUniqueOrThrow({ ...query, where: { id } });
    },
  }),
}));

const FileEvent = builder.objectRef<FileRow>('FileEvent').implement({
  fields: (t) => ({ file: t.field({ type: File, resolve: (file) => file }) }),
});

builder.subscriptionField('fileProgress', (t) =>
  t.withAuth({ caller: true }).field({
    description: 'A file as it is now, and at every change. Ends when it is READY or FAILED, or has been deleted.',
    type: FileEvent,
    args: { id: t.arg.id({ required: true }) },
    subscribe: (_root, args, { services, viewer, signal }) =>
      services.files.watch(viewer, decodeId('File', args.id, 'id'), signal),
    resolve: (file) => file as FileRow,
  }),
);
