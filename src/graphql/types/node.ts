import { resolveNodes } from '@pothos/plugin-relay';
import { z } from 'zod';
import { builder } from '../builder.ts';
import { decodeAnyId } from '../ids.ts';

const MAX_IDS = 100;

const reference = (globalId: string, field: string) => {
  const { type, id } = decodeAnyId(globalId, field);
  return { typename: type, id };
};

builder.queryFields((t) => ({
  node: t.withAuth({ caller: true }).field({
    description: 'Anything that has a global id and is the viewer’s to see.',
    type: builder.nodeInterfaceRef(),
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context, info) => {
      const [node] = await resolveNodes(builder, context, info, [reference(id, 'id')]);
      return node ?? null;
    },
  }),
  nodes: t.withAuth({ caller: true }).field({
    description: 'As node, for many; at most 100.',
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    args: {
      ids: t.arg.idList({
        required: true,
        validate: z.array(z.string()).max(MAX_IDS, `At most ${MAX_IDS} ids can be asked for at a time.`),
      }),
    },
    resolve: (_root, { ids }, context, info) =>
      resolveNodes(
        builder,
        context,
        info,
        ids.map((id) => reference(id, 'ids')),
      ),
  }),
}));
