import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { ChatMessage } from '../../ports/language-model.ts';
import { clipPath, type PathRange, wherePath } from '../../util/message-path.ts';
import type { TurnPrompt } from './start-turn.ts';

/** The newest messages that the model is told of; bounds the read. */
const MAX_MESSAGES = 200;

/** What there is to say of a turn: the question, and what was said before it, oldest first. */
export type TurnMessages = { history: ChatMessage[]; question: string };

/**
 * The end of the path and the new text. Answers that failed before their first word are left out, and so is what the
 * safety guard has blocked, question and refusal: it would be told to a model after all, and the refusals with it.
 * Where there is a guard, so are questions without an answer: they may have been stopped before their verdict.
 */
export async function readTurnMessages(
  prisma: PrismaClient,
  { path, text }: TurnPrompt,
  isGuarded: boolean,
): Promise<TurnMessages> {
  const newestFirst = await readEnd(prisma, path);
  // Regenerated: the path ends with the prompt.
  const question = text ?? newestFirst.shift()?.content ?? '';
  const isBlocked = (index: number) => newestFirst[index]?.status === 'BLOCKED';
  const isUnanswered = (index: number) => {
    const answer = newestFirst[index - 1];
    return newestFirst[index]?.role === 'USER' && (answer?.role !== 'ASSISTANT' || answer.content === '');
  };
  const isTold = (index: number) =>
    newestFirst[index]?.content !== '' &&
    !isBlocked(index) &&
    // What comes before a blocked answer is what it answers.
    !isBlocked(index - 1) &&
    !(isGuarded && isUnanswered(index));
  const history = newestFirst
    .filter((_message, index) => isTold(index))
    .map(({ role, content }) => ({ role: ROLES[role], content }))
    .reverse();
  return { history, question };
}

const ROLES = { USER: 'user', ASSISTANT: 'assistant', SYSTEM: 'system' } as const;

/** The newest messages of a path, the newest first. */
async function readEnd(prisma: PrismaClient, path: PathRange[]) {
  const end = path.at(-1)?.to;
  if (end === undefined) return [];
  return prisma.message.findMany({
    where: wherePath(clipPath(path, end - MAX_MESSAGES + 1, end)),
    orderBy: { depth: 'desc' },
    select: { role: true, status: true, content: true },
  });
}
