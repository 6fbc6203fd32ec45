import { type Client, SystemPromptNamesDocument, type SystemPromptNamesQuery } from '@colloquy/sdk';
import { useEffect, useState } from 'react';

export type PromptName = { id: string; name: string };

type PromptNames = { all: readonly PromptName[]; state: 'loading' | 'ready' | 'failed' };

const PAGE = 100;
/** Nobody looks through more of them. */
const MOST_PAGES = 5;

/** The system prompts that a key can be given, by name. */
export function usePromptNames(client: Client): PromptNames {
  const [names, setNames] = useState<PromptNames>({ all: [], state: 'loading' });
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    readAll(client, signal).then(
      (all) => {
        if (!signal.aborted) setNames({ all, state: 'ready' });
      },
      () => {
        if (!signal.aborted) setNames({ all: [], state: 'failed' });
      },
    );
    return () => controller.abort();
  }, [client]);
  return names;
}

async function readAll(client: Client, signal: AbortSignal): Promise<PromptName[]> {
  const all: PromptName[] = [];
  let after: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { systemPrompts }: SystemPromptNamesQuery = await client.query(
      SystemPromptNamesDocument,
      { first: PAGE, after },
      { signal },
    );
    all.push(...systemPrompts.edges.map(({ node }) => node));
    after = systemPrompts.pageInfo.endCursor;
    if (!systemPrompts.pageInfo.hasNextPage) break;
  }
  return all.sort((one, other) => one.name.localeCompare(other.name));
}
