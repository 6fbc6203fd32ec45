import type { Api } from '../api/api.ts';
import { createSourcePanel } from '../citations/source-panel.ts';
import { type Conversation, createConversationLists } from '../conversations/conversation-lists.ts';
import { texts } from '../texts.ts';
import { createDrafts } from '../thread/drafts.ts';
import { createThread, type Thread } from '../thread/thread.ts';
import { createNotices } from '../ui/notices.tsx';
import { createStore } from '../util/store.ts';
import { createRouter } from './router.ts';

type WorkspaceState = { thread: Thread };

/** Everything that one signed-in person works with on the page. */
export function createWorkspace({ client }: Api, userId: string) {
  const router = createRouter();
  const lists = createConversationLists(client);
  const drafts = createDrafts(userId);
  const notices = createNotices();
  const sourcePanel = createSourcePanel();
  const store = createStore<WorkspaceState>({ thread: openThread(router.store.get().conversationId) });

  function openThread(id: string | null): Thread {
    return createThread(
      {
        client,
        drafts,
        find: (known) => lists.store.get().byId.get(known),
        onRead: (read) => lists.put([read]),
        onNamed: (named) => router.go(named, 'replace'),
      },
      id,
    );
  }

  function show(): void {
    const { conversationId } = router.store.get();
    const { thread } = store.get();
    // A new conversation has just got its id: it stays as it is on the page.
    if (thread.store.get().id === conversationId) return;
    thread.dispose();
    sourcePanel.close();
    const next = openThread(conversationId);
    store.set({ thread: next });
    void next.load();
  }

  function changed(conversation: Conversation): void {
    lists.put([conversation]);
    const { thread } = store.get();
    if (thread.store.get().id === conversation.id) thread.changed(conversation);
  }

  /** Deleted: here, in another tab or on another device. */
  function gone(id: string): void {
    lists.forget(id);
    drafts.clear(id);
    if (router.store.get().conversationId !== id) return;
    router.go(null, 'replace');
    notices.show(texts.conversation.deleted);
  }

  async function listenForDeletions(signal: AbortSignal): Promise<void> {
    for await (const id of client.conversationDeleted({ signal })) gone(id);
  }

  async function listen(signal: AbortSignal): Promise<void> {
    const onReconnect = () => {
      // Also without what has been deleted in the meantime.
      void lists.refresh();
      const { thread } = store.get();
      if (!thread.store.get().live) void thread.load();
    };
    for await (const conversation of client.conversationChanged(null, { signal, onReconnect })) changed(conversation);
  }

  return {
    router,
    lists,
    drafts,
    notices,
    sourcePanel,
    store,

    /** Begins to listen for changes. Returns what ends it. */
    start(): () => void {
      const controller = new AbortController();
      const leaveRouter = router.store.subscribe(show);
      void store.get().thread.load();
      void lists.more('recent');
      // Both end with the sign-in, which the session tells.
      listen(controller.signal).catch(() => {});
      listenForDeletions(controller.signal).catch(() => {});
      return () => {
        controller.abort();
        leaveRouter();
        store.get().thread.dispose();
      };
    },

    newConversation(): void {
      router.go(null);
    },

    /** Changes what is given, and shows it when the server has taken it. */
    async update(id: string, changes: { title?: string; pinned?: boolean; archived?: boolean }): Promise<void> {
      changed(await client.updateConversation({ id, ...changes }));
    },

    async remove(id: string): Promise<void> {
      await client.deleteConversation(id);
      gone(id);
    },
  };
}

export type Workspace = ReturnType<typeof createWorkspace>;
