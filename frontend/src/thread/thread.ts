import type { Rating, RetrievalInput } from '@colloquy/sdk';
import { isCode, messageOf } from '../api/api-error.ts';
import type { Conversation } from '../conversations/conversation-lists.ts';
import { texts } from '../texts.ts';
import { createStore } from '../util/store.ts';
import { createUuid } from '../util/uuid.ts';
import { createAnswerWatch } from './answer-watch.ts';
import { joinOlder, placeholder, readPath, type ThreadMessage } from './thread-message.ts';
import { initialState, type ThreadDependencies } from './thread-state.ts';

const PAGE = 50;

type Prompt = {
  text: string;
  model: string | null;
  turnKey: string;
  /** What it follows; null: the root. */
  parentId: string | null;
  /** Its place among the messages that are shown. */
  index: number;
  /** The other versions of it. */
  siblings: ThreadMessage['siblings'];
  onTaken?: () => void;
};

/** One conversation as it is shown: a path through its messages, and the answer that is being made at its end. */
export function createThread(deps: ThreadDependencies, initialId: string | null) {
  const { client, drafts } = deps;
  const store = createStore(initialState(initialId));
  const answers = createAnswerWatch(deps, store);
  /** Of the branch that a person has gone to; null: the newest. */
  let leaf: string | null = null;
  /** The message that a person is going to, until it is known where its branch ends. */
  let target: string | null = null;
  /** Grows with everything that changes the path: what was asked before that is no news. */
  let epoch = 0;
  let disposed = false;

  const messages = () => store.get().path.messages;
  const say = (error: unknown) => store.set({ fault: messageOf(error) });

  /** Reads the end of the path from the server, and goes on with the answer that is being made there. */
  async function load(): Promise<void> {
    const { id } = store.get();
    if (id === null) return;
    epoch += 1;
    const asked = epoch;
    const isOld = () => disposed || asked !== epoch;
    try {
      const found = await client.conversation(id, { last: PAGE, leaf });
      if (isOld()) return;
      if (!found) return store.set({ status: 'missing' });
      const { messages: page, ...conversation } = found;
      const path = joinOlder(readPath(page, messages()), store.get().path);
      store.set({ conversation, path, status: 'ready' });
      deps.onRead(conversation);
      const open = path.messages.findLast(({ status }) => status === 'GENERATING');
      const turnId = open?.turn?.id;
      if (open && turnId) void answers.watch((options) => client.watchTurn(turnId, options), open, { turnId });
    } catch (error) {
      if (isOld()) return;
      // A malformed id is one that nothing has.
      if (isCode(error, 'BAD_USER_INPUT') || isCode(error, 'NOT_FOUND')) store.set({ status: 'missing' });
      else if (store.get().status === 'loading') store.set({ status: 'failed' });
    }
  }

  /** Shows new messages in the place of what is at `index` and after it. Returns what takes that back. */
  function show(index: number, added: readonly ThreadMessage[]): () => void {
    const before = store.get().path;
    epoch += 1;
    leaf = null;
    target = null;
    store.set({ fault: null, path: { ...before, messages: [...before.messages.slice(0, index), ...added] } });
    return () => store.set({ path: before });
  }

  /** Goes on from the end of the path. */
  function append(prompt: Pick<Prompt, 'text' | 'model' | 'turnKey' | 'onTaken'>): Promise<void> {
    const parentId = messages().at(-1)?.id ?? null;
    return ask({ ...prompt, parentId, index: messages().length, siblings: [] });
  }

  function ask({ text, model, turnKey, parentId, index, siblings, onTaken }: Prompt): Promise<void> {
    const { id } = store.get();
    const retrieval = deps.retrieval(id);
    const [promptId, answerId] = [`prompt-${turnKey}`, `answer-${turnKey}`];
    const prompt = placeholder({ role: 'USER', content: text, model: null, parentId, siblings }, promptId);
    const answer = placeholder({ role: 'ASSISTANT', content: '', model, parentId: promptId, siblings: [] }, answerId);
    const takeBack = show(index, [prompt, answer]);
    store.set({ returned: null });
    const input = {
      text,
      turnKey,
      model,
      conversationId: id,
      parentId: parentId ?? (siblings.length > 0 ? id : null),
      retrieval,
    };
    const onRefused = (error: unknown) => {
      takeBack();
      store.set({ fault: refusal(error, retrieval), returned: { text } });
    };
    return answers.watch((options) => client.chat(input, options), answer, { onRefused, ...(onTaken && { onTaken }) });
  }

  return {
    store,
    load,
    stop: answers.stop,

    async loadOlder(): Promise<void> {
      const { id, path, loadingOlder } = store.get();
      const [first] = path.messages;
      if (id === null || !first || !path.hasOlder || loadingOlder) return;
      const asked = epoch;
      store.set({ loadingOlder: true });
      try {
        const found = await client.conversation(id, { last: PAGE, before: path.cursor, leaf: first.id });
        if (!found || disposed || asked !== epoch) return;
        const older = readPath(found.messages, []);
        store.set({ path: { ...older, messages: [...older.messages, ...messages()] } });
      } catch (error) {
        say(error);
      } finally {
        store.set({ loadingOlder: false });
      }
    },

    send(text: string, model: string | null): Promise<void> {
      const { id } = store.get();
      const { turnKey } = drafts.write(id, text);
      // The server has it now; but something else may be being written already.
      const onTaken = () => {
        if (drafts.read(id)?.turnKey === turnKey) drafts.clear(id);
      };
      return append({ text, model, turnKey, onTaken });
    },

    /** Asks for the rest of an answer that was cut. What is being written stays where it is. */
    goOn(model: string | null): Promise<void> {
      return append({ text: texts.thread.goOnPrompt, model, turnKey: createUuid() });
    },

    /** Asks again with another text: a version of the prompt beside the one that is there. */
    edit(message: ThreadMessage, text: string, model: string | null): Promise<void> {
      const index = messages().findIndex(({ key }) => key === message.key);
      const parentId = message.parent?.id ?? null;
      return ask({ text, model, turnKey: createUuid(), parentId, index, siblings: message.siblings });
    },

    /** Makes an answer again, or for a prompt that has none the first one. */
    regenerate(message: ThreadMessage, model: string | null): Promise<void> {
      const turnKey = createUuid();
      const retrieval = deps.retrieval(store.get().id);
      const isAnswer = message.role === 'ASSISTANT';
      const index = messages().findIndex(({ key }) => key === message.key) + (isAnswer ? 0 : 1);
      const parentId = isAnswer ? (message.parent?.id ?? null) : message.id;
      const siblings = isAnswer ? message.siblings : [];
      const answer = placeholder({ role: 'ASSISTANT', content: '', model, parentId, siblings }, `answer-${turnKey}`);
      const takeBack = show(index, [answer]);
      const onRefused = (error: unknown) => {
        takeBack();
        store.set({ fault: refusal(error, retrieval) });
      };
      const input = { messageId: message.id, turnKey, model, retrieval };
      return answers.watch((options) => client.regenerate(input, options), answer, { onRefused });
    },

    /** Shows another version of a message, with the newest of what followed it, wherever that was asked. */
    async showBranch(messageId: string): Promise<void> {
      target = messageId;
      try {
        const end = await client.newestLeaf(messageId);
        // Somebody who has gone somewhere else in the meantime stays there.
        if (disposed || target !== messageId) return;
        answers.leave();
        leaf = end ?? messageId;
      } catch (error) {
        if (!disposed && target === messageId) say(error);
        return;
      }
      await load();
    },

    async rate(message: ThreadMessage, rating: Rating | null): Promise<void> {
      const mark = (feedback: ThreadMessage['feedback']) => {
        const rated = messages().map((shown) => (shown.key === message.key ? { ...shown, feedback } : shown));
        store.set({ path: { ...store.get().path, messages: rated } });
      };
      mark(rating && { rating, comment: null, updatedAt: new Date().toISOString() });
      try {
        await client.rateMessage(message.id, rating);
      } catch (error) {
        mark(message.feedback);
        say(error);
      }
    },

    /** The conversation has changed: by what is done here, in another tab, or by another program. */
    changed(conversation: Conversation): void {
      store.set({ conversation });
      if (!store.get().live && store.get().status === 'ready') void load();
    },

    dismissFault: () => store.set({ fault: null }),

    dispose(): void {
      disposed = true;
      answers.leave();
    },
  };
}

/** The server does not say which of the things that a prompt names it does not know. */
function refusal(error: unknown, retrieval: RetrievalInput | null): string {
  return retrieval?.enabled && isCode(error, 'NOT_FOUND') ? texts.scope.gone : messageOf(error);
}

export type Thread = ReturnType<typeof createThread>;
