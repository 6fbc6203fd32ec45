// A file, a question about it, and an answer that says where it stands: upload, reading, citations.
import { randomUUID } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { ColloquyError, createClient } from '@colloquy/sdk';

const username = process.env.COLLOQUY_USERNAME ?? `sdk-${randomUUID().slice(0, 8)}`;
const password = process.env.COLLOQUY_PASSWORD ?? 'a passphrase for an example';
const path = process.argv[2] ?? 'examples/README.md';
const question = process.argv[3] ?? 'Which variables do the examples take?';

const client = createClient({ url: process.env.COLLOQUY_URL ?? 'http://127.0.0.1:4000' });

try {
  await client.login({ username, password });
} catch (error) {
  if (!(error instanceof ColloquyError) || error.code !== 'UNAUTHENTICATED') throw error;
  await client.register({ username, password });
}

// The bytes stay on the disk and are streamed from there. Sent a second time, they are the same file.
const file = await client.uploadFile(await openAsBlob(path), {
  name: basename(path),
  onProgress: ({ sent, total }) => console.error(`Sent ${sent} of ${total} bytes.`),
});

// Reading it takes a while. This ends when it is READY or FAILED.
for await (const { status, progress, error } of client.fileProgress(file.id)) {
  console.error(`${status} ${Math.round(progress * 100)} %`);
  if (status === 'FAILED') throw new Error(error ?? 'It could not be read.');
}

// Only this file is looked into. Without `retrieval` it is everything that one may search.
for await (const event of client.chat({ text: question, retrieval: { fileIds: [file.id] } })) {
  if (event.__typename === 'TurnDelta') process.stdout.write(event.text);
  if (event.__typename === 'TurnFailed') throw new Error(event.error.message);
  if (event.__typename !== 'TurnFinished') continue;
  process.stdout.write('\n');
  // [1] in the answer is the first of these.
  for (const { index, passage } of event.message.citations) {
    const place = passage.page === null ? `characters ${passage.start} to ${passage.end}` : `page ${passage.page}`;
    console.log(`[${index}] ${passage.fileName}, ${place}`);
  }
}

client.dispose();
