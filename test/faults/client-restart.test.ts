import { join } from 'node:path';
import { createClient, type TurnEvent } from '@colloquy/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { runChat } from '../../src/cli/run-chat.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import { createFakeTerminal } from '../support/fake-terminal.ts';
import { temporaryFolder } from '../support/main-process.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { startServerProcess } from '../support/server-process.ts';
import { lorem } from '../support/stream-plan.ts';

const PASSWORD = 'a passphrase for tests';
const WHOLE = lorem(2_000).join('');

/** A server that is killed and started again at the same address. */
async function startMortalServer() {
  const upstream = await startScriptedUpstream({
    plans: { long: { tokens: lorem(2_000), intervalMs: 4 }, quick: { tokens: ['All is well.'] } },
  });
  onTestFinished(() => upstream.close());
  const environment = {
    DATA_DIR: await temporaryFolder(),
    OPENAI_BASE_URL: upstream.url,
    OPENAI_API_KEY: 'key',
  };
  const first = await startServerProcess(environment);
  return {
    url: first.url,
    async restart(): Promise<void> {
      await first.end('SIGKILL');
      await startServerProcess({ ...environment, PORT: new URL(first.url).port });
    },
  };
}

test('a killed server: the SDK waits for the next one and hears how the turn ended, with what was kept', async () => {
  const server = await startMortalServer();
  const client = createClient({ url: server.url });
  onTestFinished(() => client.dispose());
  await client.register({ username: 'walker', password: PASSWORD });
  const states: string[] = [];
  const events: TurnEvent[] = [];
  let text = '';
  let restarted: Promise<void> | undefined;
  const onConnection = (state: string) => void states.push(state);
  for await (const event of client.chat({ text: 'Hello', model: 'openai/long' }, { onConnection })) {
    events.push(event);
    if (event.__typename === 'TurnDelta') text += event.text;
    if (text.length > 3_000) restarted ??= server.restart();
  }
  await restarted;
  const last = events.at(-1);
  if (last?.__typename !== 'TurnFailed') throw new Error(`ended with ${last?.__typename}`);
  expect(last).toMatchObject({ error: { retryable: true }, message: { status: 'INTERRUPTED' } });
  expect(WHOLE.startsWith(text)).toBe(true);
  expect(text.startsWith(last.message.content)).toBe(true);
  expect(states).toEqual(['lost', 'connected']);
  // The sign-in outlives the server too.
  const again = await Array.fromAsync(client.regenerate({ messageId: last.message.id, model: 'openai/quick' }));
  expect(again.at(-1)).toMatchObject({ __typename: 'TurnFinished', message: { content: 'All is well.' } });
});

test('a killed server: the terminal chat says so, and goes on', async () => {
  const server = await startMortalServer();
  const screen = createFakeTerminal();
  const exit = runChat({
    url: server.url,
    username: 'walker',
    password: PASSWORD,
    model: 'openai/long',
    terminal: createTerminal(screen.streams),
    tokenFile: join(await temporaryFolder(), 'sign-ins.json'),
    writeError: (line) => void screen.streams.output.write(line),
  });
  await screen.until('> ');
  screen.enter('Hello');
  await screen.until(lorem(300).join(''));
  const restarted = server.restart();
  await screen.until('[connection lost, trying again]');
  await restarted;
  await screen.until('[connected]');
  await screen.until('/regenerate tries again.]');
  await screen.until('> ');
  screen.enter('/model openai/quick');
  await screen.until('> ');
  screen.enter('/regenerate');
  await screen.until('All is well.');
  await screen.until('> ');
  screen.enter('/quit');
  expect(await exit).toBe(0);
});
