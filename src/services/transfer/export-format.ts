import { z } from 'zod';
import { ERROR_CODES } from '../../errors.ts';
import { storable } from '../../util/text.ts';

export const FORMAT = 'colloquy.conversations';
export const VERSION = 1;

/** Of one conversation that is imported. */
export const MAX_MESSAGES = 100_000;
/** As long as an answer can get, with its largest setting. */
const MAX_CONTENT = 10_000_000;
const MAX_LINE = 1_000;
const MAX_CITATIONS = 1_000;
const MAX_INTEGER = 2_147_483_647;
/** Two of them are added in the graph. */
const MAX_TOKENS = 1_000_000_000;

const text = (max: number) => z.string().max(max).transform(storable);
const line = text(MAX_LINE);
/** The file's own: for what refers to each other in it. */
const reference = z.string().min(1).max(MAX_LINE);
const count = z.number().int().min(0).max(MAX_INTEGER);
const date = z.iso.datetime({ offset: true }).transform((value) => new Date(value));
/** What is left out is null. */
const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? null);

/** One fault, and not one for each of millions. */
const counts = z.custom<number[]>(
  (value) => Array.isArray(value) && value.every((one) => Number.isInteger(one) && one >= 0 && one <= MAX_INTEGER),
  'Expected a list of lengths',
);

const citation = z.object({
  index: count,
  passage: z.object({
    fileId: z.uuid(),
    fileName: line,
    text: text(1_000_000),
    page: optional(count),
    start: count,
    end: count,
    score: z.number(),
    denseRank: optional(count),
    lexicalRank: optional(count),
    rerankScore: optional(z.number()),
  }),
});

export const messageSchema = z
  .object({
    id: reference,
    parentId: optional(reference),
    // What a model is told as its system prompt is for admins to say.
    role: z.enum(['USER', 'ASSISTANT']),
    status: z.enum(['COMPLETE', 'STOPPED', 'FAILED', 'INTERRUPTED', 'BLOCKED']).default('COMPLETE'),
    content: text(MAX_CONTENT),
    reasoning: optional(text(MAX_CONTENT)),
    segments: counts.default([]),
    model: optional(line),
    modelVersion: optional(line),
    systemPrompt: optional(z.object({ id: z.uuid(), revision: count })),
    citations: z.array(z.unknown()).max(MAX_CITATIONS).pipe(z.array(citation)).default([]),
    degraded: optional(line),
    finishReason: optional(z.enum(['STOP', 'LENGTH', 'STOPPED', 'BLOCKED', 'ERROR'])),
    usage: optional(
      z.object({
        promptTokens: count.max(MAX_TOKENS),
        completionTokens: count.max(MAX_TOKENS),
        firstTokenMs: optional(count),
        durationMs: optional(count),
        cached: z.boolean().default(false),
      }),
    ),
    error: optional(z.object({ code: z.enum(ERROR_CODES), message: text(10_000), retryable: z.boolean() })),
    feedback: optional(z.object({ rating: z.enum(['UP', 'DOWN']), comment: optional(text(2_000)), updatedAt: date })),
    createdAt: optional(date),
  })
  // Without them the text is the same, and comes in the usual order.
  .transform((given) => (segmentsFit(given) ? given : { ...given, segments: [] }));

/** Its messages are read one by one: of a list of broken ones nobody needs more than the first fault. */
export const conversationSchema = z.object({
  id: reference,
  title: text(200),
  autoTitle: z.boolean().default(false),
  pinned: z.boolean().default(false),
  archivedAt: optional(date),
  model: optional(line),
  systemPrompt: optional(z.object({ id: optional(z.uuid()), name: text(200), text: text(100_000) })),
  createdAt: optional(date),
  updatedAt: optional(date),
  activeAt: optional(date),
  currentMessageId: optional(reference),
});

/** A conversation as it is imported, from whatever it came. Text is storable, and messages are in the order of the file. */
export type ConversationDocument = z.output<typeof conversationSchema> & { messages: MessageDocument[] };
export type MessageDocument = z.output<typeof messageSchema>;

/** As it is written into a file. */
export type ExportedMessage = z.input<typeof messageSchema>;
export type ExportedConversation = z.input<typeof conversationSchema>;

/** Runs of reasoning and answer in turn, of which the stream's positions are made. */
function segmentsFit({
  segments,
  content,
  reasoning,
}: {
  segments: number[];
  content: string;
  reasoning: string | null;
}) {
  if (segments.length === 0) return true;
  const lengths = [0, 0];
  for (const [index, length] of segments.entries()) lengths[index % 2] = (lengths[index % 2] ?? 0) + length;
  return lengths[0] === (reasoning ?? '').length && lengths[1] === content.length;
}
