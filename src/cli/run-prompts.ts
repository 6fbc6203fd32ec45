import {
  CreateSystemPromptDocument,
  DeleteSystemPromptDocument,
  RestoreSystemPromptDocument,
  type SystemPromptFieldsFragment,
  SystemPromptRevisionsDocument,
  UpdateSystemPromptDocument,
} from '@colloquy/sdk';
import { requireConsent } from './consent.ts';
import { EXIT, Failure } from './exit-codes.ts';
import { findPrompt, promptsOf } from './find-prompt.ts';
import { pages, take } from './pages.ts';
import { readText } from './read-text.ts';
import type { Remote } from './remote.ts';
import { details } from './table.ts';

type Prompt = SystemPromptFieldsFragment;

export async function listPrompts({ client, output, signal }: Remote, limit: number): Promise<void> {
  const { taken, more } = await take(promptsOf(client, signal), limit);
  const rows = taken.map(({ id, name, version, revision, updatedAt }) => [
    name,
    version,
    String(revision),
    updatedAt,
    id,
  ]);
  output.list(taken, {
    head: ['NAME', 'VERSION', 'REVISION', 'CHANGED', 'ID'],
    rows,
    nothing: 'There are no system prompts.',
  });
  if (more) output.note(`There are more; --limit ${limit * 2} shows them.`);
}

export async function getPrompt(remote: Remote, prompt: string, revision: number | undefined): Promise<void> {
  const found = await findPrompt(remote, prompt);
  if (revision === undefined || revision === found.revision) return show(remote, found);
  const older = await findRevision(remote, found.id, revision);
  const text = details([
    ['Name', found.name],
    ['Revision', `${older.revision} of ${found.revision}`],
    ['Version', older.version],
    ['Written', older.createdAt],
    ['By', older.author?.username],
  ]);
  remote.output.show({ id: found.id, name: found.name, ...older }, `${text}\n${older.text}\n`);
}

export type NewPrompt = { text?: string | undefined; file?: string | undefined; label?: string | undefined };

export async function createPrompt(remote: Remote, name: string, { label, ...source }: NewPrompt): Promise<void> {
  const text = await readText({ ...source, pipe: true });
  if (text === null) throw new Failure('Which text? Give --text or --file, or send it through a pipe.', EXIT.usage);
  const input = { name, text, ...(label !== undefined && { version: label }) };
  const { createSystemPrompt } = await remote.client.mutate(CreateSystemPromptDocument, { input }, remote);
  told(remote, createSystemPrompt, 'is there, with');
}

export type PromptChanges = NewPrompt & { name?: string | undefined };

export async function updatePrompt(remote: Remote, prompt: string, changes: PromptChanges): Promise<void> {
  const { name, label, ...source } = changes;
  const isNamed = name !== undefined || label !== undefined;
  const text = await readText({ ...source, pipe: !isNamed });
  if (text === null && !isNamed) {
    throw new Failure(
      'What is to change? Give --text, --file, --name or --label, or send a text through a pipe.',
      EXIT.usage,
    );
  }
  const { id } = await findPrompt(remote, prompt);
  const input = {
    id,
    ...(text !== null && { text }),
    ...(name !== undefined && { name }),
    ...(label !== undefined && { version: label }),
  };
  const { updateSystemPrompt } = await remote.client.mutate(UpdateSystemPromptDocument, { input }, remote);
  told(remote, updateSystemPrompt, 'has now');
}

export async function restorePrompt(remote: Remote, prompt: string, revision: number): Promise<void> {
  const { id } = await findPrompt(remote, prompt);
  const { restoreSystemPrompt } = await remote.client.mutate(RestoreSystemPromptDocument, { id, revision }, remote);
  told(remote, restoreSystemPrompt, `is as in revision ${revision} again, with`);
}

export async function deletePrompt(remote: Remote, prompt: string, yes: boolean | undefined): Promise<void> {
  const { id, name } = await findPrompt(remote, prompt);
  await requireConsent(`Delete "${name}" with all its revisions?`, yes);
  await remote.client.mutate(DeleteSystemPromptDocument, { id }, remote);
  remote.output.show({ deleted: id }, `"${name}" is deleted.\n`);
}

async function findRevision({ client, signal }: Remote, id: string, wanted: number) {
  const revisions = pages(async (page) => {
    const { systemPrompt } = await client.query(SystemPromptRevisionsDocument, { id, ...page }, { signal });
    if (!systemPrompt) throw new Failure('It has just been deleted.', EXIT.missing);
    return systemPrompt.revisions;
  });
  for await (const revision of revisions) if (revision.revision === wanted) return revision;
  throw new Failure(`There is no revision ${wanted} of it.`, EXIT.missing);
}

function show({ output }: Remote, prompt: Prompt): void {
  const { id, name, revision, version, updatedAt, text } = prompt;
  const head = details([
    ['Name', name],
    ['Id', id],
    ['Revision', String(revision)],
    ['Version', version],
    ['Changed', updatedAt],
  ]);
  output.show(prompt, `${head}\n${text}\n`);
}

function told({ output }: Remote, prompt: Prompt, what: string): void {
  output.show(prompt, `"${prompt.name}" ${what} revision ${prompt.revision} (${prompt.version}): ${prompt.id}\n`);
}
