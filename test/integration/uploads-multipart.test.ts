import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeId } from '../../src/graphql/ids.ts';
import { codeOf, failure } from '../support/errors.ts';
import { openGraphqlSocket } from '../support/graphql-socket.ts';
import { startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { answerOf, bearer, postForm, settledBytes, someText, storedBytes, UPLOAD } from '../support/uploads.ts';

let server: TestServer;
let user: TestUser;
const errors: unknown[] = [];
beforeAll(async () => {
  const environment = { WORKER_ENABLED: 'false', CORS_ORIGINS: 'https://app.example.com' };
  server = await startTestServer({ shared: true, errors, environment });
  user = await server.register();
});
afterAll(() => server.close());

type Part = [name: string, value: string | Blob, fileName?: string];

const text = () => new Blob([someText()]);
const operations = (variables: object = { input: { file: null } }, query = UPLOAD) =>
  JSON.stringify({ query, variables });
const MAP = JSON.stringify({ 0: ['variables.input.file'] });

function formOf(parts: Part[]): FormData {
  const form = new FormData();
  for (const [name, value, fileName] of parts) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, value, fileName ?? 'notes.txt');
  }
  return form;
}

describe('what is no valid multipart request is refused, and nothing is kept', () => {
  const LONG = 'x'.repeat(1_048_577);
  const CASES: [string, () => Part[], number][] = [
    [
      'without operations',
      () => [
        ['map', MAP],
        ['0', text()],
      ],
      400,
    ],
    [
      'without a map',
      () => [
        ['operations', operations()],
        ['0', text()],
      ],
      400,
    ],
    [
      'with the map before the operations',
      () => [
        ['map', MAP],
        ['operations', operations()],
        ['0', text()],
      ],
      400,
    ],
    [
      'with a file before the map',
      () => [
        ['operations', operations()],
        ['0', text()],
        ['map', MAP],
      ],
      400,
    ],
    [
      'with a file that the map does not know',
      () => [
        ['operations', operations()],
        ['map', MAP],
        ['1', text()],
      ],
      400,
    ],
    [
      'without the file',
      () => [
        ['operations', operations()],
        ['map', MAP],
      ],
      400,
    ],
    [
      'with the file twice',
      () => [
        ['operations', operations()],
        ['map', MAP],
        ['0', text()],
        ['0', text()],
      ],
      400,
    ],
    [
      'with operations twice',
      () => [
        ['operations', operations()],
        ['operations', operations()],
        ['map', MAP],
      ],
      400,
    ],
    [
      'with operations that are no JSON',
      () => [
        ['operations', '{'],
        ['map', MAP],
        ['0', text()],
      ],
      400,
    ],
    [
      'with several operations',
      () => [
        ['operations', `[${operations()}]`],
        ['map', MAP],
        ['0', text()],
      ],
      400,
    ],
    [
      'with operations without a query',
      () => [
        ['operations', '{"variables":{}}'],
        ['map', MAP],
        ['0', text()],
      ],
      400,
    ],
    [
      'with operations that are too large',
      () => [
        ['operations', LONG],
        ['map', MAP],
        ['0', text()],
      ],
      413,
    ],
    [
      'with a map that is too large',
      () => [
        ['operations', operations()],
        ['map', LONG],
        ['0', text()],
      ],
      413,
    ],
    ...['null', '[]', '"x"', '5', '{', '{"0":null}', '{"0":[]}', '{"0":[5]}', '{"0":"variables.input.file"}'].map(
      (map): [string, () => Part[], number] => [
        `with the map ${map}`,
        () => [
          ['operations', operations()],
          ['map', map],
          ['0', text()],
        ],
        400,
      ],
    ),
    ...[
      'query',
      'variables',
      'variables.input',
      'variables.input.other',
      'variables.input.file.x',
      'variables.__proto__.file',
      'variables.input.constructor',
      'input.file',
      '0.variables.input.file',
      '',
      '...',
    ].map((path): [string, () => Part[], number] => [
      `with a map to "${path}"`,
      () => [
        ['operations', operations()],
        ['map', JSON.stringify({ 0: [path] })],
        ['0', text()],
      ],
      400,
    ]),
    [
      'with one file for two places',
      () => [
        ['operations', operations()],
        ['map', '{"0":["variables.input.file","variables.input.file"]}'],
        ['0', text()],
      ],
      400,
    ],
    [
      'with more files than ten',
      () => {
        const names = Array.from({ length: 11 }, (_, index) => String(index));
        const files = Object.fromEntries(names.map((name) => [`f${name}`, null]));
        const map = Object.fromEntries(names.map((name) => [name, [`variables.f${name}`]]));
        return [
          ['operations', operations(files)],
          ['map', JSON.stringify(map)],
          ...names.map((name): Part => [name, text()]),
        ];
      },
      400,
    ],
    ['with more fields than it needs', () => [...'abcde'].map((name): Part => [name, 'x']), 400],
  ];

  test.each(CASES)('%s', async (_name, parts, status) => {
    const before = await settledBytes(server);
    const answer = await postForm(server, formOf(parts()), user.token);
    expect(answer.status).toBe(status);
    expect(codeOf(answer.body)).toBe(status === 413 ? 'PAYLOAD_TOO_LARGE' : 'BAD_USER_INPUT');
    expect(answer.body.errors?.[0]?.message).toMatch(/./);
    expect(await settledBytes(server)).toEqual(before);
  });

  test.each([
    ['without a boundary', 'multipart/form-data', 'x'],
    [
      'that ends too soon',
      'multipart/form-data; boundary=x',
      `--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{`,
    ],
    ['without anything', 'multipart/form-data; boundary=x', ''],
    ['with a part without an end of its headers', 'multipart/form-data; boundary=x', '--x\r\nnonsense\r\n--x--'],
  ])('a body %s', async (_name, type, body) => {
    const before = await settledBytes(server);
    const headers = { ...bearer(user.token), 'content-type': type };
    for (const url of [server.graphqlUrl, `${server.url}/files`]) {
      const answer = await answerOf(await fetch(url, { method: 'POST', headers, body }));
      expect([answer.status, codeOf(answer.body)]).toEqual([400, 'BAD_USER_INPUT']);
    }
    expect(await settledBytes(server)).toEqual(before);
  });
});

test('several files are uploaded by one operation, each where its variable stands', async () => {
  const query = `mutation ($list: [Upload!]!, $a: UploadFileInput!) {
    ${'a: uploadFile(input: $a) { name }'}
    b: uploadFile(input: { file: $second }) { name }
  }`.replace('$list: [Upload!]!', '$second: Upload!');
  const form = formOf([
    ['operations', operations({ second: null, a: { file: null } }, query)],
    ['map', JSON.stringify({ one: ['variables.a.file'], two: ['variables.second'] })],
    ['two', text(), 'two.txt'],
    ['one', text(), 'one.txt'],
  ]);
  const { body, status } = await postForm(server, form, user.token);
  expect(status).toBe(200);
  expect(body).toEqual({ data: { a: { name: 'one.txt' }, b: { name: 'two.txt' } } });
});

test('a file is used once; the second place is told so', async () => {
  const query = `mutation ($file: Upload!) {
    a: uploadFile(input: { file: $file }) { name }
    b: uploadFile(input: { file: $file }) { name }
  }`;
  const form = formOf([
    ['operations', operations({ file: null }, query)],
    ['map', '{"0":["variables.file"]}'],
    ['0', text()],
  ]);
  const { body } = await postForm(server, form, user.token);
  expect(failure(body)).toMatchObject({
    code: 'BAD_USER_INPUT',
    fields: { 'input.file': expect.stringMatching(/once/) },
  });
  await expect.poll(async () => (await storedBytes(server)).incoming).toEqual([]);
});

test('what the operation does not come to is thrown away after it', async () => {
  const unknown = { input: { file: null, collectionId: encodeId('Collection', randomUUID()) } };
  const before = await settledBytes(server);
  for (const [variables, query] of [
    [unknown, UPLOAD],
    [{ input: { file: null, collectionId: 'nonsense' } }, UPLOAD],
    [{ input: { file: null } }, UPLOAD.replace('uploadFile', 'uploadNothing')],
    [{ input: { file: null } }, '{ nonsense'],
    [{ input: { file: null } }, 'query ($input: UploadFileInput!) { health { status } }'],
    [{ input: { file: null } }, '{ health { status } }'],
  ] as const) {
    const form = formOf([
      ['operations', operations(variables, query)],
      ['map', MAP],
      ['0', text()],
    ]);
    await postForm(server, form, user.token);
    await expect.poll(() => storedBytes(server)).toEqual(before);
  }
});

test('a multipart request without a file is an operation like any other, for who has signed in', async () => {
  const form = () =>
    formOf([
      ['operations', operations({}, '{ viewer { isAdmin } }')],
      ['map', '{}'],
    ]);
  expect((await postForm(server, form(), user.token)).body).toEqual({ data: { viewer: { isAdmin: true } } });
  for (const token of [undefined, 'nonsense']) {
    const { status, body } = await postForm(server, form(), token);
    expect([status, codeOf(body)]).toEqual([401, 'UNAUTHENTICATED']);
  }
});

test('an upload that is no file is refused, whatever it travels in', async () => {
  for (const file of ['text', { name: 'x' }, 5, [], true]) {
    const refused = failure(await server.request(UPLOAD, { input: { file } }, user.token));
    expect(refused).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: { 'input.file': expect.stringContaining('multipart') },
    });
  }
  const literal = await server.request('mutation { uploadFile(input: { file: "x" }) { id } }', {}, user.token);
  expect(literal.errors?.[0]?.message).toContain('multipart');
  const { socket, subscribe, take } = await openGraphqlSocket(server, { token: user.token });
  subscribe('one', UPLOAD, { input: { file: 'x' } });
  const told = await take(['next', 'error'], 'one');
  socket.close();
  expect(JSON.stringify(told)).toContain('multipart');
  expect(JSON.stringify(told)).toContain('BAD_USER_INPUT');
});

test('every other kind of body is refused as before', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/mixed; boundary=x']) {
    const init = {
      method: 'POST',
      headers: { ...bearer(user.token), 'content-type': type },
      body: '{ health { status } }',
    };
    const answer = await answerOf(await fetch(server.graphqlUrl, init));
    expect([answer.status, codeOf(answer.body)]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  }
});

describe('pages of other origins', () => {
  test('may upload when they are configured, and are told nothing otherwise', async () => {
    const send = (origin: string, path: string, token?: string) =>
      fetch(`${server.url}${path}`, {
        method: 'POST',
        headers: { ...bearer(token), origin },
        body: formOf([['x', text()]]),
      });
    for (const path of ['/files', '/graphql']) {
      for (const token of [user.token, undefined]) {
        const known = await send('https://app.example.com', path, token);
        expect(known.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
        expect(known.headers.get('access-control-allow-credentials')).toBeNull();
        expect(known.headers.get('vary')).toContain('Origin');
        const stranger = await send('https://elsewhere.example', path, token);
        expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
      }
    }
  });

  test('ask first', async () => {
    const ask = (origin: string) => {
      const headers = {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      };
      return fetch(`${server.url}/files`, { method: 'OPTIONS', headers });
    };
    const known = await ask('https://app.example.com');
    expect(known.status).toBe(204);
    expect(known.headers.get('access-control-allow-methods')).toContain('POST');
    expect(known.headers.get('access-control-allow-headers')).toContain('Authorization');
    expect((await ask('https://elsewhere.example')).headers.get('access-control-allow-origin')).toBeNull();
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(errors).toEqual([]);
});
