import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chatgptConversation, chatgptRoots, chatNode } from '../support/chatgpt-export.ts';
import { zip } from '../support/documents/zip.ts';
import { type Data, type Engine, startTestServer, type TestServer } from '../support/server.ts';
import { exported, imported, postImport } from '../support/transfers.ts';
import { settledBytes } from '../support/uploads.ts';

const ENGINES: Engine[] = ['pglite', 'postgresql'];
const BEGAN = 1_700_000_000;

describe.each(ENGINES)('ChatGPT exports on %s', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ engine, shared: true, environment: { MAX_IMPORT_MB: '2' } });
  });
  afterAll(() => server.close());

  /** What becomes of one conversation. */
  async function read(conversation: object): Promise<Data> {
    const user = await server.register();
    expect(await imported(server, [conversation], user)).toMatchObject({ imported: 1, failedCount: 0 });
    return (await exported(server, user)).conversations[0];
  }
  const said = ({ messages }: Data) => messages.map(({ role, content }: Data) => [role, content]);

  test('prompts and answers as people have seen them, with their times and branches', async () => {
    const conversation = await read(
      chatgptConversation(
        [
          ...chatgptRoots,
          chatNode('q1', 'context', 'user', 'What is the capital of France?', { at: BEGAN + 1.25 }),
          chatNode('a1', 'q1', 'assistant', 'Paris.', { at: BEGAN + 3, metadata: { model_slug: 'gpt-4o' } }),
          chatNode('a2', 'q1', 'assistant', 'It is Paris.', { at: BEGAN + 60, metadata: { model_slug: 'o3' } }),
          chatNode('q2', 'a1', 'user', 'Sure?', { at: BEGAN + 30 }),
          chatNode('a3', 'q2', 'assistant', 'Quite su', {
            at: BEGAN + 31,
            metadata: { model_slug: 'gpt-4o', finish_details: { type: 'interrupted' } },
          }),
        ],
        { current_node: 'a3', is_archived: true, is_starred: true },
      ),
    );
    expect(conversation).toMatchObject({
      title: 'Paris',
      autoTitle: false,
      pinned: true,
      model: null,
      createdAt: '2023-11-14T22:13:20.123Z',
      updatedAt: '2023-11-14T22:28:20.500Z',
      activeAt: '2023-11-14T22:28:20.500Z',
      archivedAt: '2023-11-14T22:28:20.500Z',
    });
    const [q1, a1, q2, a3, a2] = conversation.messages;
    expect(said(conversation)).toEqual([
      ['USER', 'What is the capital of France?'],
      ['ASSISTANT', 'Paris.'],
      ['USER', 'Sure?'],
      ['ASSISTANT', 'Quite su'],
      ['ASSISTANT', 'It is Paris.'],
    ]);
    expect(conversation.messages.map(({ parentId }: Data) => parentId)).toEqual([null, q1.id, a1.id, q2.id, q1.id]);
    expect(q1).toMatchObject({ createdAt: '2023-11-14T22:13:21.250Z', model: null, finishReason: null });
    expect(a2).toMatchObject({ model: 'o3', status: 'COMPLETE', finishReason: 'STOP', usage: null });
    expect(a3).toMatchObject({ model: 'gpt-4o', status: 'STOPPED', finishReason: 'STOPPED' });
    expect(conversation.currentMessageId).toBe(a3.id);
  });

  test('thoughts, code, its output and pictures become one answer; what tools are told does not', async () => {
    const image = {
      content_type: 'image_asset_pointer',
      asset_pointer: 'file-service://file-abc',
      width: 1,
      height: 1,
    };
    const conversation = await read(
      chatgptConversation([
        ...chatgptRoots,
        chatNode('q', 'context', 'user', {
          content_type: 'multimodal_text',
          parts: [image, 'What is this?', { content_type: 'audio_transcription', text: 'spoken', direction: 'in' }],
        }),
        chatNode('t', 'q', 'assistant', {
          content_type: 'thoughts',
          thoughts: [
            { summary: 'Looking', content: 'I look at it.' },
            { summary: '', content: 'Again.' },
          ],
          source_analysis_msg_id: 'x',
        }),
        chatNode('r', 't', 'assistant', { content_type: 'reasoning_recap', content: 'Thought for 3 seconds' }),
        chatNode(
          's',
          'r',
          'assistant',
          { content_type: 'code', language: 'unknown', text: 'search("x")' },
          { recipient: 'web' },
        ),
        chatNode('b', 's', 'tool', { content_type: 'tether_browsing_display', result: 'L0: page', summary: null }),
        chatNode(
          'c',
          'b',
          'assistant',
          { content_type: 'code', language: 'python', text: 'print("```")' },
          { recipient: 'python' },
        ),
        chatNode('o', 'c', 'tool', { content_type: 'execution_output', text: '```\n' }),
        chatNode('d', 'o', 'assistant', '{"prompt": "a cat"}', { recipient: 'dalle.text2im' }),
        chatNode('i', 'd', 'tool', { content_type: 'multimodal_text', parts: [image, 'instructions to the model'] }),
        chatNode('w', 'i', 'assistant', '{"name": "n", "type": "code/html", "content": "<p>"}', {
          recipient: 'canmore.create_textdoc',
        }),
        chatNode('a', 'w', 'assistant', 'Done.', { metadata: { model_slug: 'o3' } }),
      ]),
    );
    expect(said(conversation)).toEqual([
      ['USER', '[image]\n\nWhat is this?\n\nspoken'],
      ['ASSISTANT', '````python\nprint("```")\n````\n\n````\n```\n````\n\n[image]\n\n```html\n<p>\n```\n\nDone.'],
    ]);
    expect(conversation.messages[1]).toMatchObject({ reasoning: '**Looking**\nI look at it.\n\nAgain.', model: 'o3' });
  });

  test('marks of sources go, and the words that they show stay', async () => {
    const marked =
      'Paris\ue200cite\ue202turn0search0\ue202turn0news1\ue201 is in \ue200entity\ue202["country","France","a state"]\ue201, see ' +
      '\ue200url\ue202the page\ue202turn0search2\ue201 and 【12†source】【3:0†file.pdf】.\ue203';
    const conversation = await read(
      chatgptConversation([chatNode('q', null, 'user', 'q'), chatNode('a', 'q', 'assistant', marked)]),
    );
    expect(conversation.messages[1].content).toBe('Paris is in France, see the page and .');
  });

  test('odd ones: no title, no times, no parents, null messages, unknown kinds', async () => {
    const conversation = await read(
      chatgptConversation(
        [
          chatNode('q', 'not-there', 'user', 'How are you\0?\nReally'),
          { id: 'n', parent: 'q', message: null },
          chatNode('a', 'n', 'assistant', { content_type: 'sonic_webpage', text: 'a page', url: 'x' }),
          chatNode('z', null, 'user', { content_type: 'text', parts: [null, 1, { odd: true }, 'root'] }),
          chatNode('e', 'z', 'assistant', { content_type: 'text', parts: [''] }),
        ],
        { title: null, create_time: null, update_time: 'never', current_node: 'gone', default_model_slug: 5 },
      ),
    );
    expect(conversation.title).toBe('How are you\ufffd?');
    expect(said(conversation)).toEqual([
      ['USER', 'How are you\ufffd?\nReally'],
      ['ASSISTANT', 'a page'],
      ['USER', '[attachment]\n\nroot'],
    ]);
    expect(conversation.messages.map(({ parentId }: Data) => parentId)).toEqual([
      null,
      conversation.messages[0].id,
      null,
    ]);
  });

  test('hostile ones are told of: circles, no id; and nothing comes of `__proto__`', async () => {
    const user = await server.register();
    const circle = chatgptConversation([chatNode('a', 'b', 'user', 'x'), chatNode('b', 'a', 'user', 'y')]);
    const proto = JSON.stringify(chatgptConversation([chatNode('q', null, 'user', 'x')], { conversation_id: 'p' }));
    const file = `[
      ${JSON.stringify(circle)},
      ${JSON.stringify(chatgptConversation([], { id: null, conversation_id: null }))},
      ${proto.replaceAll('"q"', '"__proto__"')},
      ${JSON.stringify(chatgptConversation([chatNode('q', 'constructor', 'user', 'x')], { conversation_id: 'good', create_time: BEGAN + 99 }))}
    ]`;
    const result = await imported(server, file, user);
    expect(result).toMatchObject({ imported: 2, failedCount: 2 });
    expect(result.failed).toEqual([
      { index: 0, title: 'Paris', message: 'Its messages go in a circle.' },
      { index: 1, title: 'Paris', message: 'It has no id.' },
    ]);
    const { conversations } = await exported(server, user);
    expect(conversations.map(said)).toEqual([[], [['USER', 'x']]]);
  });

  test('the zip itself, of whose files only the conversations are read', async () => {
    const user = await server.register();
    const numbered = (at: number) =>
      chatgptConversation([chatNode('q', null, 'user', `n ${at}`)], {
        conversation_id: `c${at}`,
        create_time: BEGAN + at,
      });
    const archive = zip([
      { name: 'chat.html', data: '<p>' },
      { name: 'conversations-001.json', data: JSON.stringify([numbered(2)]) },
      { name: 'conversations-000.json', data: JSON.stringify([numbered(0), { odd: true }, numbered(1)]) },
      { name: 'shared_conversations.json', data: '[{"id":"x"}]' },
      { name: 'user.json', data: '{}' },
    ]);
    const { body } = await postImport(server, new Uint8Array(archive), user.token);
    expect(body).toMatchObject({ imported: 3, failedCount: 1, failed: [{ index: 1 }] });
    const { conversations } = await exported(server, user);
    expect(conversations.map(({ messages }: Data) => messages[0].content)).toEqual(['n 0', 'n 1', 'n 2']);
  });

  test('zips without conversations, with a password, damaged, or with too much inside are refused', async () => {
    const user = await server.register();
    const refused = async (archive: Buffer) => {
      const { status, body } = await postImport(server, new Uint8Array(archive), user.token);
      return [status, body.errors[0].message];
    };
    expect(await refused(zip([{ name: 'a.txt', data: 'x' }]))).toEqual([415, 'The archive has no conversations.json.']);
    const locked = zip([{ name: 'conversations.json', data: '[]', locked: true }]);
    expect(await refused(locked)).toEqual([415, 'The archive has a password.']);
    const whole = zip([{ name: 'conversations.json', data: '[]' }]);
    expect(await refused(whole.subarray(0, whole.length - 10))).toEqual([400, 'The archive is damaged or incomplete.']);
    const bomb = zip([{ name: 'conversations.json', data: `[${' '.repeat(3 * 1_048_576)}]` }]);
    expect(await refused(bomb)).toEqual([413, 'Its conversations may have at most 2 MB.']);
    expect((await settledBytes(server)).incoming).toEqual([]);
  });
});
