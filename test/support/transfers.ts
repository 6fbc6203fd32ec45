import { expect } from 'vitest';
import type { Data, TestServer, TestUser } from './server.ts';
import { bearer, postForm } from './uploads.ts';

type Server = Pick<TestServer, 'url'>;

export const SEND = `mutation ($input: ChatInput!) {
  sendMessage(input: $input, wait: true) { conversation { id } userMessage { id } assistantMessage { id content } }
}`;
export const REGENERATE = `mutation ($input: RegenerateInput!) {
  regenerate(input: $input, wait: true) { assistantMessage { id model parent { id } } }
}`;
export const LIST = `query ($filter: ConversationFilter) {
  conversations(first: 50, filter: $filter) { totalCount edges { node {
    id title messageCount activeAt createdAt archivedAt pinned lastMessage { id content turn { id } }
    messages(first: 20) { totalCount edges { node { id content role } } }
  } } }
}`;

/** A user's conversations as GET /export has them. */
export async function exported(server: Server, user: TestUser): Promise<Data> {
  const response = await fetch(`${server.url}/export`, { headers: bearer(user.token) });
  expect(response.status).toBe(200);
  return (await response.json()) as Data;
}

export async function postImport(server: Server, body: BodyInit, token: string | undefined) {
  const response = await fetch(`${server.url}/import`, { method: 'POST', headers: bearer(token), body });
  return { status: response.status, body: (await response.json()) as Data };
}

/** Imports what has to be accepted; text as it is, and other things as JSON. */
export async function imported(server: Server, file: unknown, user: TestUser): Promise<Data> {
  const { status, body } = await postImport(server, typeof file === 'string' ? file : JSON.stringify(file), user.token);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

const IMPORT = `mutation ($input: ImportConversationsInput!) {
  importConversations(input: $input) { imported skipped failedCount failed { index title message } }
}`;

/** As a file of the graph's multipart requests. */
export async function importedByGraph(server: TestServer, file: unknown, user: TestUser): Promise<Data | undefined> {
  const form = new FormData();
  form.append('operations', JSON.stringify({ query: IMPORT, variables: { input: { file: null } } }));
  form.append('map', JSON.stringify({ 0: ['variables.input.file'] }));
  form.append('0', new Blob([JSON.stringify(file)]));
  const { body } = await postForm(server, form, user.token);
  return body.data?.importConversations;
}

/** Without the ids, which differ from user to user: messages are told by their place. */
export function withoutIds({ conversations }: Data): Data[] {
  return conversations.map(({ id: _id, currentMessageId, messages, ...conversation }: Data) => {
    const place = (id: string | null) => messages.findIndex((message: Data) => message.id === id);
    return {
      ...conversation,
      current: place(currentMessageId),
      messages: messages.map(({ id: _messageId, parentId, ...message }: Data) => ({
        ...message,
        parent: place(parentId),
      })),
    };
  });
}

let made = 0;

/** As it stands in a file. Messages are given as [parent's place or null, role, content]. */
export function conversationOf(messages: [number | null, 'USER' | 'ASSISTANT', string][], more: object = {}) {
  const name = `c${++made}`;
  return {
    id: name,
    title: `Conversation ${name}`,
    createdAt: '2024-03-01T10:00:00.000Z',
    updatedAt: '2024-03-02T10:00:00.000Z',
    messages: messages.map(([parent, role, content], at) => ({
      id: `m${at}`,
      parentId: parent === null ? null : `m${parent}`,
      role,
      content,
      createdAt: new Date(Date.UTC(2024, 2, 1, 10, 0, at)).toISOString(),
    })),
    ...more,
  };
}

export const fileOf = (...conversations: object[]) => ({ format: 'colloquy.conversations', version: 1, conversations });

/** Long, wide, and one whose every tooth goes on. */
export function treesOfAnyShape() {
  const line = conversationOf(
    Array.from({ length: 10_000 }, (_, at) => [at === 0 ? null : at - 1, at % 2 ? 'ASSISTANT' : 'USER', `m ${at}`]),
  );
  const wide = conversationOf([
    [null, 'USER', 'root'],
    ...Array.from({ length: 500 }, (_, at): [number, 'ASSISTANT', string] => [0, 'ASSISTANT', `answer ${at}`]),
  ]);
  const comb = conversationOf(
    Array.from({ length: 2_001 }, (_, at) => [at === 0 ? null : at % 2 ? at - 1 : at - 2, 'ASSISTANT', `tooth ${at}`]),
  );
  return { line, wide, comb };
}
