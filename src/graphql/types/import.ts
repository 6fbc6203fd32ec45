import type { ImportFailure, ImportResult } from '../../services/transfer/import-conversations.ts';
import { builder } from '../builder.ts';

const Failure = builder.objectRef<ImportFailure>('ImportFailure').implement({
  description: 'A conversation of a file that could not be imported. The others were.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'Its place among the conversations of the file, from 0.' }),
    title: t.exposeString('title', { nullable: true }),
    message: t.exposeString('message'),
  }),
});

const Result = builder.objectRef<ImportResult>('ImportResult').implement({
  fields: (t) => ({
    imported: t.exposeInt('imported'),
    skipped: t.exposeInt('skipped', { description: 'They were there already.' }),
    failedCount: t.exposeInt('failedCount'),
    failed: t.expose('failed', { type: [Failure], description: 'The first 100.' }),
  }),
});

const ImportConversationsInput = builder.inputType('ImportConversationsInput', {
  fields: (t) => ({ file: t.field({ type: 'Upload', required: true }) }),
});

builder.mutationField('importConversations', (t) =>
  t.withAuth({ user: true }).field({
    description:
      'Over HTTP alone, as a GraphQL multipart request, and as large as an upload; POST /import takes larger ones. The file is an export of this server or of ChatGPT. The same file a second time changes nothing.',
    type: Result,
    args: { input: t.arg({ type: ImportConversationsInput, required: true }) },
    resolve: (_root, { input }, { services, viewer, signal }) =>
      services.transfer.importFile(viewer.userId, input.file.take(), signal),
  }),
);
