import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { temporaryFolder } from '../support/main-process.ts';
import { type ScriptedUpstream, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { PASSWORD, startTestServer, type TestServer } from '../support/server.ts';
import { words } from '../support/stream-plan.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const ANSWER = 'Blue: "short waves" are \\ scattered.\n\nThat is 100 % of it, 👋🏽 {"text":"so"}, and so on.';

let upstream: ScriptedUpstream;
let server: TestServer;

beforeAll(async () => {
  upstream = await startScriptedUpstream({
    plans: {
      quick: { tokens: words(ANSWER), intervalMs: 20 },
      broken: { tokens: ['Half'], fault: { type: 'error', after: 1, error: { message: 'No.' } } },
    },
  });
  server = await startTestServer({
    openAiUrl: upstream.url,
    environment: { DEFAULT_MODEL: 'openai/quick' },
    shared: true,
  });
});

afterAll(async () => {
  await server.close();
  await upstream.close();
});

async function run(
  [command = '', ...words]: string[],
  environment: Record<string, string> = {},
  onFirstOutput: () => void = () => {},
) {
  const child = spawn(command, words, {
    cwd: root,
    env: { PATH: process.env.PATH, COLLOQUY_URL: server.url, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.once('data', onFirstOutput);
  const code = new Promise((resolve) => child.once('close', resolve));
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { output, errors, code: await code };
}

const node = (file: string) => [process.execPath, '--conditions=@colloquy/source', file];

describe.each([
  ['curl', ['sh', 'examples/curl.sh']],
  ['the SDK', node('examples/sdk.ts')],
  ['urql', node('examples/urql.ts')],
  ['Apollo Client', node('examples/apollo.ts')],
])('with %s', (name, command) => {
  test('a new account holds a conversation', async () => {
    const { output, errors, code } = await run([...command, 'Why "blue"?']);
    expect({ output, code }).toEqual({ output: `${ANSWER}\n`, code: 0 });
    expect(errors).toBe(name === 'the SDK' ? 'Stored as "Why "blue"?" with 2 messages.\n' : '');
    // Beside it, the server may look what models there are.
    const request = upstream.requests.findLast(({ path }) => path.endsWith('/chat/completions'));
    const { body } = request as { body: { messages: { content: string }[] } };
    expect(body.messages.at(-1)?.content).toBe('Why "blue"?');
  });

  test('and so does one that is there', async () => {
    const { username } = await server.register();
    const result = await run(command, { COLLOQUY_USERNAME: username, COLLOQUY_PASSWORD: PASSWORD });
    expect(result).toMatchObject({ output: `${ANSWER}\n`, code: 0 });
    const wrong = await run(command, { COLLOQUY_USERNAME: username, COLLOQUY_PASSWORD: 'another passphrase' });
    expect(wrong.output).toBe('');
    expect(wrong.code).toBe(1);
  });
});

describe.each([
  ['curl', ['sh', 'examples/files.sh']],
  ['the SDK', node('examples/files.ts')],
])('a file, with %s', (name, command) => {
  test('is uploaded, read and asked about', async () => {
    const asked = 'Which variables name an account?';
    const { output, errors, code } = await run([...command, 'examples/README.md', asked]);
    expect({ errors: name === 'curl' ? errors : '', code }).toEqual({ errors: '', code: 0 });
    if (name === 'curl') {
      const { assistantMessage } = JSON.parse(output).data.sendMessage;
      expect(assistantMessage).toMatchObject({ content: ANSWER, error: null });
      expect(assistantMessage.citations[0]).toMatchObject({ index: 1, passage: { fileName: 'README.md' } });
    } else {
      expect(output.startsWith(`${ANSWER}\n[1] README.md, `)).toBe(true);
      expect(errors).toContain('READY 100 %');
    }
    // What the model was given is the file's text, and says what it is.
    // Beside it, the server may look what models there are.
    const request = upstream.requests.findLast(({ path }) => path.endsWith('/chat/completions'));
    const { body } = request as { body: { messages: { content: string }[] } };
    expect(JSON.stringify(body.messages)).toContain('COLLOQUY_USERNAME');
  });

  test('that cannot be taken is told of', async () => {
    const empty = join(await temporaryFolder(), 'empty.txt');
    await writeFile(empty, '');
    const { output, errors, code } = await run([...command, empty]);
    expect(output).toBe('');
    expect(errors).toContain('The file is empty.');
    expect(code).toBe(1);
  });
});

test.concurrent.each([
  ['the SDK', node('examples/sdk.ts')],
  ['urql', node('examples/urql.ts')],
  ['Apollo Client', node('examples/apollo.ts')],
])('with %s the text is whole also when the connection breaks', async (_name, command) => {
  const proxy = await startCuttingProxy(server.url);
  try {
    const { output, code } = await run(command, { COLLOQUY_URL: proxy.url }, () => void proxy.cut());
    expect({ output, code }).toEqual({ output: `${ANSWER}\n`, code: 0 });
  } finally {
    await proxy.close();
  }
});
