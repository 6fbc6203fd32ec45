import { z } from 'zod';
import type { DayUsage, ModelUsage, UserUsage } from '../../services/usage/usage.ts';
import { builder } from '../builder.ts';

const MAX_DAYS = 366;
const DEFAULT_DAYS = 30;

const UsageByDay = builder.objectRef<DayUsage>('UsageByDay').implement({
  fields: (t) => ({
    day: t.exposeString('day', { description: 'YYYY-MM-DD, in UTC.' }),
    turns: t.exposeInt('turns'),
    promptTokens: t.exposeFloat('promptTokens'),
    completionTokens: t.exposeFloat('completionTokens'),
  }),
});

const UsageByModel = builder.objectRef<ModelUsage>('UsageByModel').implement({
  fields: (t) => ({
    model: t.exposeString('model', { description: 'The one that answered.' }),
    turns: t.exposeInt('turns'),
    promptTokens: t.exposeFloat('promptTokens'),
    completionTokens: t.exposeFloat('completionTokens'),
    meanFirstTokenMs: t.exposeFloat('meanFirstTokenMs', {
      nullable: true,
      description: 'From the prompt to the first token, over the turns that had one. Null: there was none.',
    }),
  }),
});

export const UserStats = builder.objectRef<UserUsage>('UserStats').implement({
  description:
    'What the viewer has, and what his turns have taken. Turns count once they have ended, and go on counting when their conversation is deleted. Cached answers, and turns whose model has not said a word, took no tokens.',
  fields: (t) => ({
    conversations: t.int({ resolve: (usage) => usage.conversations() }),
    messages: t.int({ description: 'In those conversations.', resolve: (usage) => usage.messages() }),
    turns: t.int({ resolve: async (usage) => (await usage.total()).turns }),
    files: t.int({ resolve: async (usage) => (await usage.files()).count }),
    storageBytes: t.float({ description: 'Of the files.', resolve: async (usage) => (await usage.files()).bytes }),
    storageLimitBytes: t.float({
      description: 'What the files may have together.',
      resolve: (_usage, _args, { services }) => services.files.maxUserBytes,
    }),
    uploadLimitBytes: t.float({
      description: 'The largest file that can be uploaded.',
      resolve: (_usage, _args, { services }) => services.files.maxUploadBytes,
    }),
    promptTokens: t.float({ resolve: async (usage) => (await usage.total()).promptTokens }),
    completionTokens: t.float({ resolve: async (usage) => (await usage.total()).completionTokens }),
    byDay: t.field({
      type: [UsageByDay],
      description: 'The last days up to today, oldest first, those without a turn too.',
      complexity: ({ days }) => ({ field: 1, multiplier: days ?? DEFAULT_DAYS }),
      args: {
        days: t.arg.int({
          defaultValue: DEFAULT_DAYS,
          description: `1 to ${MAX_DAYS}.`,
          validate: z.number().min(1, 'At least 1 day.').max(MAX_DAYS, `At most ${MAX_DAYS} days.`).nullish(),
        }),
      },
      resolve: (usage, { days }) => usage.byDay(days ?? DEFAULT_DAYS),
    }),
    byModel: t.field({
      type: [UsageByModel],
      description: 'Most used first, 200 at most.',
      complexity: { field: 1, multiplier: 20 },
      resolve: (usage) => usage.byModel(),
    }),
  }),
});
