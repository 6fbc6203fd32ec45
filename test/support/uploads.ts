import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionResult } from 'graphql';
import { expect } from 'vitest';
import type { Data, TestServer } from './server.ts';

export type Answer = { status: number; headers: Headers; body: ExecutionResult<Data> & { file?: Data } };

export const UPLOAD = `mutation ($input: UploadFileInput!) {
  uploadFile(input: $input) { id name mimeType size sha256 status progress downloadUrl collection { id } }
}`;

export type UploadTarget = { token?: string | undefined; name?: string; collectionId?: string | null };

/** Words that nobody else has uploaded. */
export function someText(bytes = 200): string {
  return randomBytes(Math.ceil(bytes / 2))
    .toString('hex')
    .slice(0, bytes);
}

export async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
}

export const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

/** The bytes as the body of POST /files. */
export async function postFile(
  server: Pick<TestServer, 'url'>,
  body: BodyInit,
  { token, name, collectionId }: UploadTarget,
): Promise<Answer> {
  const query = new URLSearchParams({ ...(name !== undefined && { name }), ...(collectionId && { collectionId }) });
  const init = { method: 'POST', headers: bearer(token), body, duplex: 'half' };
  return answerOf(await fetch(`${server.url}/files?${query}`, init as RequestInit));
}

/** One file as a GraphQL multipart request. */
export async function uploadFile(
  server: Pick<TestServer, 'graphqlUrl'>,
  content: BlobPart,
  { token, name = 'notes.txt', collectionId = null }: UploadTarget,
): Promise<Answer> {
  const form = new FormData();
  form.append('operations', JSON.stringify({ query: UPLOAD, variables: { input: { file: null, collectionId } } }));
  form.append('map', JSON.stringify({ 0: ['variables.input.file'] }));
  form.append('0', new Blob([content]), name);
  return postForm(server, form, token);
}

export async function postForm(
  { graphqlUrl }: Pick<TestServer, 'graphqlUrl'>,
  form: FormData,
  token?: string,
): Promise<Answer> {
  return answerOf(await fetch(graphqlUrl, { method: 'POST', headers: bearer(token), body: form }));
}

/** What is on the disk: of files, and of what has not become one. */
export async function storedBytes({ filesFolder }: Pick<TestServer, 'filesFolder'>) {
  const names = async (folder: string) => (await readdir(folder).catch(() => [])).sort();
  const kept = (await names(filesFolder)).filter((name) => name !== 'incoming');
  return { kept, incoming: await names(join(filesFolder, 'incoming')) };
}

/** The same, once what a request has received and nobody took is gone: that may be after its answer. */
export async function settledBytes(server: Pick<TestServer, 'filesFolder'>) {
  await expect.poll(async () => (await storedBytes(server)).incoming).toEqual([]);
  return storedBytes(server);
}
