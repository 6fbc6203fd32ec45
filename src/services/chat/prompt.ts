import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { ChatMessage } from '../../ports/language-model.ts';
import { clipPath, type PathRange, wherePath } from '../../util/message-path.ts';
import type { TurnPrompt } from './start-turn.ts';

/** The newest messages that the model is told of; bounds the read. */
const MAX_MESSAGES = 200;
/** Their length, in UTF-16 units: about 32,000 tokens of English. The newest come first, and none is cut. */
const MAX_CHARACTERS = 128_000;

/**
 * What the model is asked: the system prompt, as much of the end of the path as fits, and the new text. Answers that
 * failed before their first word are left out.
 */
export async function buildPrompt(
  prisma: PrismaClient,
  { path, text }: TurnPrompt,
  systemPrompt: string | undefined,
): Promise<ChatMessage[]> {
  const history = await readEnd(prisma, path);
  const newestFirst = text === null ? history : [{ role: 'USER', content: text } as const, ...history];
  const fitting: ChatMessage[] = [];
  let characters = systemPrompt?.length ?? 0;
  for (const { role, content } of newestFirst) {
    characters += content.length;
    if (fitting.length > 0 && characters > MAX_CHARACTERS) break;
    if (content !== '') fitting.push({ role: ROLES[role], content });
  }
  fitting.reverse();
  return systemPrompt ? [{ role: 'system', content: systemPrompt }, ...fitting] : fitting;
}

const ROLES = { USER: 'user', ASSISTANT: 'assistant', SYSTEM: 'system' } as const;

/** The newest messages of a path, the newest first. */
async function readEnd(prisma: PrismaClient, path: PathRange[]) {
  const end = path.at(-1)?.to;
  if (end === undefined) return [];
  return prisma.message.findMany({
    where: wherePath(clipPath(path, end - MAX_MESSAGES + 1, end)),
    orderBy: { depth: 'desc' },
    select: { role: true, content: true },
  });
}
