import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { PromptUsers } from './prompts.ts';

/** How many people are named. */
const NAMED = 5;

const LIST = new Intl.ListFormat('en', { type: 'conjunction' });

/** The conversations that have a prompt, by their owners, people and API keys: what they are called is for nobody else to read. */
export function createConversationUsers(prisma: PrismaClient): PromptUsers {
  return async (promptId) => {
    const where = { systemPromptId: promptId };
    const [count, owners] = await Promise.all([
      prisma.conversation.count({ where }),
      prisma.user.findMany({
        where: { conversations: { some: where } },
        orderBy: { username: 'asc' },
        take: NAMED + 1,
        select: { username: true, kind: true },
      }),
    ]);
    if (count === 0) return null;
    const names = owners
      .slice(0, NAMED)
      .map(({ username, kind }) => (kind === 'KEY' ? `the API key "${username}"` : username));
    const people = LIST.format(owners.length > NAMED ? [...names, 'others'] : names);
    return `${count} ${count === 1 ? 'conversation' : 'conversations'} of ${people}`;
  };
}
