import { type ChatCompletionBody, type ScriptedUpstream, startScriptedUpstream } from './scripted-upstream.ts';
import { type Data, startTestServer, type TestServerOptions } from './server.ts';
import { lorem, type StreamPlan } from './stream-plan.ts';
import { CHAT, chatInput, eventsOf, type Watched, watchToEnd } from './turns.ts';

export const REFUSAL = 'No, this is not allowed here.';
/** What the scripted guards call unsafe. */
export const FORBIDDEN = 'forbidden';

export type Judged = {
  judged: 'input' | 'output';
  text: string;
  /** Empty: there was none. */
  context: string;
};

/** What the guard is asked to judge. Null: this is no call of the guard. */
export function judgedIn({ model, messages }: ChatCompletionBody): Judged | null {
  if (model !== 'guard') return null;
  const content = messages.at(-1)?.content ?? '';
  const between = (name: string) =>
    new RegExp(`<${name}-(\\w+)>\n([\\s\\S]*)\n</${name}-\\1>\n`).exec(content)?.[2] ?? '';
  const judged = messages[0]?.content.includes('You judge a message of a user') ? 'input' : 'output';
  return { judged, text: between('content'), context: between('context') };
}

/** Says "unsafe" of what holds the forbidden word. */
export const byWord = ({ text }: Judged): string => (text.includes(FORBIDDEN) ? 'unsafe\nS9' : 'safe');

export type Judge = (judged: Judged) => string | StreamPlan;

export type GuardedWorldOptions = TestServerOptions & {
  mode: 'strict' | 'fuzzy';
  plans: Record<string, StreamPlan>;
};

export type GuardedWorld = Awaited<ReturnType<typeof startGuardedWorld>>;

/** A server whose guard, and whose models, are scripted. It outlives the test that starts it: `close` ends it. */
export async function startGuardedWorld({ mode, plans, ...options }: GuardedWorldOptions) {
  let judge: Judge = byWord;
  const upstream = await startScriptedUpstream({ plans, script: guardScript((judged) => judge(judged)) });
  const environment = { ...guardedEnvironment(mode), ...options.environment };
  const server = await startTestServer({ ...options, shared: true, openAiUrl: upstream.url, environment });
  const user = await server.register();
  const chat = async (model: string, more: Data = {}): Promise<Watched> =>
    watchToEnd(eventsOf(server, 'ws', user.token, CHAT, { input: chatInput(model, more) }));
  /** From now on the guard judges so, and nothing has been asked of anybody. */
  const begin = (by: Judge = byWord) => {
    judge = by;
    upstream.requests.length = 0;
  };
  const close = async () => {
    await server.close();
    await upstream.close();
  };
  return { server, user, upstream, chat, begin, close, ...callsOf(upstream) };
}

/** For the upstream's `script`: answers the calls of the guard. */
export function guardScript(judge: Judge) {
  return (body: ChatCompletionBody): StreamPlan | undefined => {
    const judged = judgedIn(body);
    if (!judged) return undefined;
    const answer = judge(judged);
    return typeof answer === 'string' ? { tokens: [answer] } : answer;
  };
}

export function guardedEnvironment(mode: 'strict' | 'fuzzy'): Record<string, string> {
  return {
    SAFETY_MODE: mode,
    SAFETY_MODEL: 'openai/guard',
    SAFETY_TIMEOUT_SECONDS: '4',
    SAFETY_REFUSAL: REFUSAL,
  };
}

/** What the guard and the other models were asked so far. */
export function callsOf(upstream: ScriptedUpstream) {
  const bodies = () =>
    upstream.requests
      .filter(({ path }) => path.endsWith('/chat/completions'))
      .map(({ body }) => body as ChatCompletionBody);
  return {
    judged: (): Judged[] => bodies().flatMap((body) => judgedIn(body) ?? []),
    generations: (): ChatCompletionBody[] => bodies().filter(({ model }) => model !== 'guard'),
  };
}

export const ANSWER = lorem(40);
export const SENTENCES = Array.from({ length: 30 }, (_, index) => `This is sentence number ${index} of the answer. `);
export const EVIL = [...SENTENCES.slice(0, 15), `This sentence is ${FORBIDDEN}. `, ...SENTENCES.slice(15)];
export const BEFORE_EVIL = SENTENCES.slice(0, 15).join('');

export const PLANS: Record<string, StreamPlan> = {
  good: { tokens: ANSWER, reasoning: ['Let me think. ', 'So. '] },
  paced: { tokens: SENTENCES, intervalMs: 50 },
  evil: { tokens: EVIL, intervalMs: 50 },
  sudden: { tokens: EVIL },
  thinker: { tokens: ANSWER, reasoning: [`It is ${FORBIDDEN}, but let me see. `] },
  broken: { tokens: SENTENCES, fault: { type: 'cut', after: 10 } },
  slow: { tokens: SENTENCES, intervalMs: 200 },
  endless: { tokens: lorem(5_000), intervalMs: 20 },
};

export const onInput = (answer: string | StreamPlan) => (judged: Judged) =>
  judged.judged === 'input' ? answer : 'safe';
export const onOutput = (answer: string | StreamPlan) => (judged: Judged) =>
  judged.judged === 'output' ? answer : 'safe';

const RULINGS = `query { auditEvents(first: 50) { edges { node { action actor actorId ip targetType targetId detail } } } }`;

/** What the audit log has of a turn, the oldest first. */
export async function rulingsOf({ server, user }: GuardedWorld, turnId: string) {
  const { auditEvents } = await server.data(RULINGS, {}, user.token);
  return auditEvents.edges
    .map(({ node }: { node: { targetId: string } }) => node)
    .filter(({ targetId }: { targetId: string }) => targetId === turnId)
    .reverse();
}
