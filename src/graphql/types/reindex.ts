import { actorOf } from '../actor.ts';
import { builder } from '../builder.ts';
import { decodeOptionalId } from '../ids.ts';

builder.mutationField('reindex', (t) =>
  t.withAuth({ admin: true }).int({
    description:
      'Has files read anew: those that were embedded with another model than the one of now, or not at all. Each stays searchable as it is until that has been done. Returns how many were ordered. Only for admins.',
    args: {
      collectionId: t.arg.id({ description: 'Only these. Left out: all files of all users.' }),
      all: t.arg.boolean({
        description: 'Also those that have the vectors that they should have, and those that FAILED.',
      }),
    },
    resolve: (_root, { collectionId, all }, context) =>
      context.services.reindex(actorOf(context), {
        collectionId: decodeOptionalId('Collection', collectionId, 'collectionId'),
        all: all ?? false,
      }),
  }),
);
