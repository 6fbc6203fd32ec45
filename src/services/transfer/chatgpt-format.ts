import { z } from 'zod';

// Its maker describes it nowhere and changes it silently: whatever is not needed may be there, be missing, or be anything.
const maybe = <Schema extends z.ZodType>(schema: Schema) =>
  schema
    .nullish()
    .catch(null)
    .transform((value) => value ?? null);
const text = maybe(z.string());
const seconds = maybe(z.number());
/** Longer ones count as none, before their elements are looked at. */
const list = <Schema extends z.ZodType>(max: number, element: Schema) =>
  maybe(z.array(z.unknown()).max(max).pipe(z.array(element)));

export const chatgptMessage = z.object({
  author: z.object({ role: z.string() }),
  create_time: seconds,
  recipient: text,
  weight: maybe(z.number()),
  content: z.object({
    content_type: z.string().catch('text'),
    parts: maybe(z.array(z.unknown())),
    text,
    language: text,
    thoughts: list(10_000, z.object({ summary: text, content: text })),
  }),
  metadata: maybe(
    z.object({
      is_visually_hidden_from_conversation: maybe(z.boolean()),
      model_slug: text,
      finish_details: maybe(z.object({ type: text })),
    }),
  ),
});

const node = z.object({
  message: maybe(chatgptMessage),
  parent: text,
  children: list(100_000, z.string()),
});

/** One conversation of `conversations.json` of a ChatGPT export. */
export const chatgptConversation = z.object({
  id: text,
  conversation_id: text,
  title: text,
  create_time: seconds,
  update_time: seconds,
  current_node: text,
  is_archived: maybe(z.boolean()),
  is_starred: maybe(z.boolean()),
  mapping: z.record(z.string(), node),
});

export type ChatgptConversation = z.output<typeof chatgptConversation>;
export type ChatgptNode = z.output<typeof node>;
