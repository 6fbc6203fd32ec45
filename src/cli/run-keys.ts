import {
  type ApiKeyFieldsFragment,
  ApiKeyStatusDocument,
  CreateApiKeyDocument,
  DeactivateApiKeyDocument,
  DeleteApiKeyDocument,
  SetApiKeyPromptDocument,
} from '@colloquy/sdk';
import { findCollection } from './collections.ts';
import { requireConsent } from './consent.ts';
import { EXIT, Failure } from './exit-codes.ts';
import { findKey, keysOf } from './find-key.ts';
import { findPrompt } from './find-prompt.ts';
import { take } from './pages.ts';
import type { Remote } from './remote.ts';
import { details } from './table.ts';

type Key = ApiKeyFieldsFragment;

export type NewKey = {
  notes?: string | undefined;
  collection?: string | undefined;
  prompt?: string | undefined;
  promptText?: string | undefined;
  requestsPerMinute?: number | undefined;
  tokensPerDay?: number | undefined;
  /** ISO 8601. */
  expires?: string | undefined;
};

export async function createKey(remote: Remote, clientName: string, given: NewKey): Promise<void> {
  const { client, output, signal } = remote;
  const { notes, collection, prompt, promptText, requestsPerMinute, tokensPerDay, expires } = given;
  if (prompt !== undefined && promptText !== undefined) {
    throw new Failure('Give one of --prompt and --prompt-text.', EXIT.usage);
  }
  const input = {
    clientName,
    ...(notes !== undefined && { notes }),
    ...(collection !== undefined && { collectionId: await findCollection(remote, collection) }),
    ...(prompt !== undefined && { systemPromptId: (await findPrompt(remote, prompt)).id }),
    ...(promptText !== undefined && { prompt: { name: clientName, text: promptText } }),
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
    ...(tokensPerDay !== undefined && { tokensPerDay }),
    ...(expires !== undefined && { expiresAt: expires }),
  };
  const { createApiKey } = await client.mutate(CreateApiKeyDocument, { input }, { signal });
  const { apiKey, secret } = createApiKey;
  const text = `${describe(apiKey)}\n${secret}\n\nThis is the only time that the key is shown.\n`;
  output.show({ ...apiKey, secret }, text);
}

export async function listKeys({ client, output, signal }: Remote, limit: number): Promise<void> {
  const { taken, more } = await take(keysOf(client, signal), limit);
  output.list(taken, {
    head: ['CLIENT', 'PREFIX', 'STATE', 'COLLECTION', 'PROMPT', 'TOKENS TODAY', 'LAST USED', 'ID'],
    rows: taken.map((key) => [
      key.clientName,
      key.prefix,
      key.active ? 'active' : 'closed',
      key.collection?.name ?? '',
      key.systemPrompt?.name ?? '',
      key.tokensPerDay == null ? String(key.tokensUsedToday) : `${key.tokensUsedToday} of ${key.tokensPerDay}`,
      key.lastUsedAt ?? 'never',
      key.id,
    ]),
    nothing: 'There are no API keys.',
  });
  if (more) output.note(`There are more; --limit ${limit * 2} shows them.`);
}

/** What is known of a secret. Returns the exit code: of one that is good, 0. */
export async function keyStatus({ client, output, signal }: Remote, secret: string): Promise<number> {
  const { apiKeyStatus: status } = await client.query(ApiKeyStatusDocument, { secret }, { signal });
  if (!status.exists) {
    output.show(status, 'There is no such key.\n');
    return EXIT.missing;
  }
  const text = details([
    ['Client', status.clientName],
    ['State', status.active ? 'active' : 'closed'],
    ['Collection', status.collectionName],
    ['Prompt', status.systemPromptName],
    ['Last used', status.lastUsedAt ?? 'never'],
    ['Made', status.createdAt],
  ]);
  output.show(status, text);
  return status.active ? EXIT.done : EXIT.failed;
}

export async function deactivateKey(remote: Remote, key: string, yes: boolean | undefined): Promise<void> {
  const { id, clientName, prefix } = await findKey(remote, key);
  await requireConsent(`Close the key of "${clientName}" (${prefix}…) for good?`, yes);
  const { deactivateApiKey } = await remote.client.mutate(DeactivateApiKeyDocument, { id }, remote);
  remote.output.show(deactivateApiKey, `The key of "${clientName}" is closed; what was made with it stays.\n`);
}

export async function deleteKey(remote: Remote, key: string, yes: boolean | undefined): Promise<void> {
  const { id, clientName, prefix } = await findKey(remote, key);
  await requireConsent(
    `Delete the key of "${clientName}" (${prefix}…) with its conversations and the files that it has uploaded?`,
    yes,
  );
  await remote.client.mutate(DeleteApiKeyDocument, { id }, remote);
  remote.output.show({ deleted: id }, `The key of "${clientName}" is deleted.\n`);
}

/** Null: the server's default applies to the chats of the key. */
export async function associatePrompt(remote: Remote, prompt: string | null, key: string): Promise<void> {
  const found = prompt === null ? null : await findPrompt(remote, prompt);
  const { id } = await findKey(remote, key);
  const variables = { id, systemPromptId: found?.id ?? null };
  const { setApiKeyPrompt } = await remote.client.mutate(SetApiKeyPromptDocument, variables, remote);
  const told = found ? `has "${found.name}" now` : 'has no system prompt of its own any more';
  remote.output.show(setApiKeyPrompt, `The key of "${setApiKeyPrompt.clientName}" ${told}.\n`);
}

function describe(key: Key): string {
  return details([
    ['Client', key.clientName],
    ['Id', key.id],
    ['State', key.active ? 'active' : 'closed'],
    ['Collection', key.collection?.name],
    ['Prompt', key.systemPrompt?.name],
    ['Requests a minute', key.requestsPerMinute?.toString()],
    ['Tokens a day', key.tokensPerDay?.toString()],
    ['Expires', key.expiresAt],
    ['Notes', key.notes],
  ]);
}
