import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { PromptUsers } from '../prompts/prompts.ts';

/** How many keys are named. */
const NAMED = 5;

const LIST = new Intl.ListFormat('en', { type: 'conjunction' });

/** The API keys that have a prompt, by the names of their clients. */
export function createKeyUsers(prisma: PrismaClient): PromptUsers {
  return async (systemPromptId) => {
    const keys = await prisma.apiKey.findMany({
      where: { systemPromptId },
      orderBy: { clientName: 'asc' },
      take: NAMED + 1,
      select: { clientName: true },
    });
    if (keys.length === 0) return null;
    const names = keys.slice(0, NAMED).map(({ clientName }) => `"${clientName}"`);
    const listed = LIST.format(keys.length > NAMED ? [...names, 'others'] : names);
    return `the API ${keys.length === 1 ? 'key' : 'keys'} ${listed}`;
  };
}
