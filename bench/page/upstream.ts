// A scripted model whose prompt says what it answers: shape, tokens, tokens a second.
import { startScriptedUpstream } from '../../test/support/scripted-upstream.ts';
import { SHAPES, tokensOf } from './shapes.ts';

const upstream = await startScriptedUpstream({
  script({ messages }) {
    const [name = '', count = '', rate = ''] = (messages.at(-1)?.content ?? '').split(' ');
    const shape = SHAPES.find((known) => known === name);
    return shape && { tokens: tokensOf(shape, Number(count)), intervalMs: 1000 / Number(rate) };
  },
});
console.log(JSON.stringify({ url: upstream.url }));
process.once('SIGTERM', () => void upstream.close());
