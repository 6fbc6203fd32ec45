import {
  type Client,
  SystemPromptDocument,
  type SystemPromptFieldsFragment,
  SystemPromptsDocument,
} from '@colloquy/sdk';
import { EXIT, Failure } from './exit-codes.ts';
import { isGlobalId } from './global-id.ts';
import { pages } from './pages.ts';
import type { Remote } from './remote.ts';

type Prompt = SystemPromptFieldsFragment;

/** By its id or by its name. Throws Failure. */
export async function findPrompt({ client, signal }: Remote, idOrName: string): Promise<Prompt> {
  if (isGlobalId('SystemPrompt', idOrName)) {
    const { systemPrompt } = await client.query(SystemPromptDocument, { id: idOrName }, { signal });
    if (systemPrompt) return systemPrompt;
  } else {
    for await (const prompt of promptsOf(client, signal)) if (prompt.name === idOrName) return prompt;
  }
  throw new Failure(`There is no system prompt "${idOrName}".`, EXIT.missing);
}

/** The newest first. */
export function promptsOf(client: Client, signal: AbortSignal): AsyncGenerator<Prompt> {
  return pages(async (page) => (await client.query(SystemPromptsDocument, page, { signal })).systemPrompts);
}
