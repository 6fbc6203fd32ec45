import { expect, it, onTestFinished } from 'vitest';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { startTestServer, subscribe, type Transport } from '../support/server.ts';
import { chatInput } from '../support/turns.ts';

const parents = (depth: number): string => (depth === 0 ? 'id' : `parent { ${parents(depth - 1)} }`);

it.each<Transport>(['ws', 'sse'])(
  'a subscription that asks for too much starts nothing, over %s',
  async (transport) => {
    const upstream = await startScriptedUpstream();
    onTestFinished(() => upstream.close());
    const server = await startTestServer({ openAiUrl: upstream.url });
    const { token } = await server.register();
    const query = `subscription Chat($input: ChatInput!) { chat(input: $input) { ...Deep } }
    fragment Deep on TurnFinished { message { ${parents(20)} } }`;
    const stream = subscribe(server, transport, token, query, { input: chatInput('scripted') });
    const outcome = await stream.next().then(
      ({ value }) => value,
      (errors: unknown) => ({ errors }),
    );
    expect(JSON.stringify(outcome)).toContain('levels deep');
    expect(JSON.stringify(outcome)).toContain('BAD_USER_INPUT');
    expect(server.app.load().runningTurns).toBe(0);
    const { conversations } = await server.data('{ conversations { totalCount } }', {}, token);
    expect(conversations.totalCount).toBe(0);
  },
);
