// A conversation with the SDK, which signs in, streams, and goes on by itself when the connection breaks.
import { randomUUID } from 'node:crypto';
import { ColloquyError, createClient, textOf } from '@colloquy/sdk';

const username = process.env.COLLOQUY_USERNAME ?? `sdk-${randomUUID().slice(0, 8)}`;
const password = process.env.COLLOQUY_PASSWORD ?? 'a passphrase for an example';
const prompt = process.argv[2] ?? 'What can you do?';

const client = createClient({ url: process.env.COLLOQUY_URL ?? 'http://127.0.0.1:4000' });

try {
  await client.login({ username, password });
} catch (error) {
  // One code for an unknown name and for a wrong password: nobody can find out who has an account.
  if (!(error instanceof ColloquyError) || error.code !== 'UNAUTHENTICATED') throw error;
  await client.register({ username, password });
}

// The iterable hides every lost connection: it comes back from its last cursor, so this is the whole text, once.
for await (const text of textOf(client.chat({ text: prompt }))) process.stdout.write(text);
process.stdout.write('\n');

// What was streamed is stored: any other client sees the same conversation.
const [newest] = (await client.conversations({ first: 1 })).edges;
console.error(`Stored as "${newest?.node.title}" with ${newest?.node.messageCount} messages.`);

client.dispose();
