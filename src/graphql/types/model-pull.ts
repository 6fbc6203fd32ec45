import { z } from 'zod';
import type { PullState, RemoteFile } from '../../ports/model-store.ts';
import { actorOf } from '../actor.ts';
import { builder } from '../builder.ts';

const ModelPull = builder.objectRef<PullState>('ModelPull').implement({
  fields: (t) => ({
    model: t.exposeString('model'),
    status: t.exposeString('status', {
      description:
        'What is being done: downloading, verifying, done, failed … elsewhere: another program does it, such as the command line, and it can be neither watched nor cancelled.',
    }),
    completedBytes: t.exposeFloat('completedBytes', { nullable: true }),
    totalBytes: t.exposeFloat('totalBytes', { nullable: true }),
    bytesPerSecond: t.exposeFloat('bytesPerSecond', { nullable: true }),
    done: t.exposeBoolean('done', { description: 'It goes on no more: the model is there, or error says why not.' }),
    error: t.exposeString('error', { nullable: true }),
  }),
});

const ModelFile = builder.objectRef<RemoteFile>('ModelFile').implement({
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its path in the repository.' }),
    sizeBytes: t.exposeFloat('sizeBytes', { nullable: true }),
  }),
});

const model = {
  required: true,
  validate: z.string().max(600, 'A model’s id has at most 600 characters.'),
} as const;

builder.queryField('modelFiles', (t) =>
  t.withAuth({ admin: true }).field({
    description: 'The GGUF files that llama-cpp/hf:owner/repository offers. Only for admins.',
    type: [ModelFile],
    args: { source: t.arg.string(model) },
    resolve: (_root, { source }, { services }) => services.pulls.files(source),
  }),
);

builder.queryField('modelPulls', (t) =>
  t.withAuth({ admin: true }).field({
    description: 'The pulls that go on now, on all servers, whoever began them. Only for admins.',
    type: [ModelPull],
    resolve: (_root, _args, { services }) => services.pulls.all(),
  }),
);

builder.mutationFields((t) => ({
  pullModel: t.withAuth({ admin: true }).field({
    description:
      'Gets a model: ollama/llama3.2:3b, llama-cpp/hf:owner/repository/file.gguf, llama-cpp/hf:owner/repository:Q4_K_M. Joins a pull of it that goes on already. Only for admins.',
    type: ModelPull,
    args: { model: t.arg.string(model) },
    resolve: (_root, args, context) => context.services.pulls.pull(actorOf(context), args.model),
  }),
  cancelModelPull: t.withAuth({ admin: true }).boolean({
    description: 'What there is of it is kept: the next pull goes on there. Only for admins.',
    args: { model: t.arg.string(model) },
    resolve: async (_root, args, context) => {
      await context.services.pulls.cancel(actorOf(context), args.model);
      return true;
    },
  }),
  removeModel: t.withAuth({ admin: true }).string({
    description: 'Deletes a model of llama-cpp or Ollama. Returns its id. Only for admins.',
    args: { model: t.arg.string(model) },
    resolve: (_root, args, context) => context.services.pulls.remove(actorOf(context), args.model),
  }),
}));

builder.subscriptionField('modelPull', (t) =>
  t.withAuth({ admin: true }).field({
    description: 'How far the pull of a model is, from now to its end. Only for admins.',
    type: ModelPull,
    args: { model: t.arg.string(model) },
    subscribe: (_root, args, { services, signal }) => services.pulls.watch(args.model, signal),
    resolve: (state) => state as PullState,
  }),
);
