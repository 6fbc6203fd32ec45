import type { Rating, RetrievalInput } from '@colloquy/sdk';
import { isCode } from '../api/api-error.ts';
import type { Conversation } from '../conversations/conversation-lists.ts';
import { texts } from '../texts/texts.ts';
import { createStore } from '../util/store.ts';
import { createUuid } from '../util/uuid.ts';
import { createAnswerWatch } from './answer-watch.ts';
import { PAGE } from './page-size.ts';
import { joinOlder, placeholder, readPath, type ThreadMessage } from './thread-message.ts';
import { type Fault, faultOf, initialState, type ThreadDependencies, withoutMessages } from './thread-state.ts';

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
  /** Asks the same again. */
  retry: () => void;
  /** A person has written it, and gets it back when the server does not take it. */
  isWritten: boolean;
};

/** One conversation as it is shown: a path through its messages, and the answer that is being made at its end. */
export function createThread(deps: ThreadDependencies, initialId: string | null) {
  const { client, drafts } = deps;
  const store = createStore(initialState(initialId, initialId === null ? null : deps.first.peek(initialId)));
  const answers = createAnswerWatch(deps, store, reload);
  /** Of the branch that a person has gone to; null: the newest. */
  let leaf: string | null = null;
  /** The message that a person is going to, until it is known where its branch ends. */
  let target: string | null = null;
  /** Grows with everything that changes the path: what was asked before that is no news. */
  let epoch = 0;
  let disposed = false;

  const messages = () => store.get().path.messages;
  const say = (error: unknown) => store.set({ fault: faultOf(error) });

  /** Where a message is shown, or would be shown next when it is not there any more. */
  function indexOf({ key }: ThreadMessage): number {
    const index = messages().findIndex((message) => message.key === key);
    return index < 0 ? messages().length : index;
  }

  function reload(): void {
    store.set({ fault: null });
    void load(say);
  }

  /** Reads the end of the path from the server, and goes on with the answer that is being made there. */
  async function load(onFailed: (error: unknown) => void = () => {}): Promise<void> {
    const { id } = store.get();
    if (id === null) return;
    epoch += 1;
    const asked = epoch;
    const isOld = () => disposed || asked !== epoch;
    try {
      const first = await deps.first.take(id);
      if (isOld()) return;
      const found = first === undefined ? await client.conversation(id, { last: PAGE, leaf }) : first;
      if (isOld()) return;
      if (!found) return store.set({ status: 'missing' });
      const conversation = withoutMessages(found);
      const path = joinOlder(readPath(found.messages, messages()), store.get().path);
      store.set({ conversation, path, status: 'ready' });
      deps.onRead(conversation);
      forgetArrived(id);
      const open = path.messages.findLast(({ status }) => status === 'GENERATING');
      const turnId = open?.turn?.id;
      if (open && turnId) void answers.watch((options) => client.watchTurn(turnId, options), open, { turnId });
    } catch (error) {
      if (isOld()) return;
      // A malformed id is one that nothing has.
      if (isCode(error, 'BAD_USER_INPUT') || isCode(error, 'NOT_FOUND')) store.set({ status: 'missing' });
      else if (store.get().status === 'loading') store.set({ status: 'failed' });
      else onFailed(error);
    }
  }

  /** Whoever leaves the page at once after sending finds the text where it was written. Sent twice it would be asked twice. */
  function forgetArrived(id: string): void {
    const draft = drafts.read(id);
    if (!draft || messages().every(({ turn }) => turn?.key !== draft.turnKey)) return;
    drafts.clear(id);
    store.set({ arrived: { text: draft.text } });
  }

  /** Shows new messages in the place of what is at `index` and after it. Returns what takes that back. */
  function show(index: number, added: readonly ThreadMessage[]): () => void {
    const before = { path: store.get().path, leaf };
    epoch += 1;
    leaf = null;
    target = null;
    store.set({ fault: null, path: { ...before.path, messages: [...messages().slice(0, index), ...added] } });
    return () => {
      leaf = before.leaf;
      store.set({ path: before.path });
    };
  }

  /** Goes on from the end of the path. */
  function append(prompt: Pick<Prompt, 'text' | 'model' | 'turnKey' | 'onTaken' | 'isWritten'>): Promise<void> {
    const parentId = messages().at(-1)?.id ?? null;
    const retry = () => void append(prompt);
    return ask({ ...prompt, parentId, index: messages().length, siblings: [], retry });
  }

  function ask({ text, model, turnKey, parentId, index, siblings, onTaken, retry, isWritten }: Prompt): Promise<void> {
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
      options: deps.options(id),
    };
    const onRefused = (error: unknown) => {
      takeBack();
      store.set({ fault: refusal(error, retrieval, retry), ...(isWritten && { returned: { text } }) });
    };
    return answers.watch((options) => client.chat(input, options), answer, { onRefused, ...(onTaken && { onTaken }) });
  }

  const thread = {
    store,
    load: () => load(),
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
      return append({ text, model, turnKey, onTaken, isWritten: true });
    },

    /** Asks for the rest of an answer that was cut. What is being written stays where it is. */
    goOn(model: string | null): Promise<void> {
      return append({ text: texts.thread.goOnPrompt, model, turnKey: createUuid(), isWritten: false });
    },

    /** Asks again with another text: a version of the prompt beside the one that is there. */
    edit(message: ThreadMessage, text: string, model: string | null, turnKey = createUuid()): Promise<void> {
      const retry = () => void thread.edit(message, text, model, turnKey);
      const { siblings, parent } = message;
      const place = { parentId: parent?.id ?? null, index: indexOf(message), siblings };
      return ask({ text, model, turnKey, ...place, retry, isWritten: true });
    },

    /** Makes an answer again, or for a prompt that has none the first one. */
    regenerate(message: ThreadMessage, model: string | null, turnKey = createUuid()): Promise<void> {
      const retry = () => void thread.regenerate(message, model, turnKey);
      const retrieval = deps.retrieval(store.get().id);
      const isAnswer = message.role === 'ASSISTANT';
      const index = indexOf(message) + (isAnswer ? 0 : 1);
      const parentId = isAnswer ? (message.parent?.id ?? null) : message.id;
      const siblings = isAnswer ? message.siblings : [];
      const answer = placeholder({ role: 'ASSISTANT', content: '', model, parentId, siblings }, `answer-${turnKey}`);
      const takeBack = show(index, [answer]);
      const onRefused = (error: unknown) => {
        takeBack();
        store.set({ fault: refusal(error, retrieval, retry) });
      };
      const options = deps.options(store.get().id);
      const input = { messageId: message.id, turnKey, model, retrieval, options };
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
      await load(say);
    },

    /** Whether the server has it. */
    async rate(message: ThreadMessage, rating: Rating | null, comment: string | null = null): Promise<boolean> {
      const mark = (feedback: ThreadMessage['feedback']) => {
        const rated = messages().map((shown) => (shown.key === message.key ? { ...shown, feedback } : shown));
        store.set({ path: { ...store.get().path, messages: rated } });
      };
      mark(rating && { rating, comment, updatedAt: new Date().toISOString() });
      try {
        await client.rateMessage(message.id, rating, comment);
        return true;
      } catch (error) {
        mark(message.feedback);
        say(error);
        return false;
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
  return thread;
}

/** The server does not say which of the things that a prompt names it does not know. */
function refusal(error: unknown, retrieval: RetrievalInput | null, retry: () => void): Fault {
  if (!retrieval?.enabled || !isCode(error, 'NOT_FOUND')) {
    return faultOf(error, { label: texts.errors.sendAgain, run: retry });
  }
  return { text: texts.scope.gone, notBefore: null, retry: null };
}

export type Thread = ReturnType<typeof createThread>;
