import type { Api } from '../api/api.ts';
import { createSourcePanel } from '../citations/source-panel.ts';
import { type Conversation, createConversationLists } from '../conversations/conversation-lists.ts';
import { createCollections } from '../knowledge/collections.ts';
import { createFileList, type KnownFile } from '../knowledge/file-list.ts';
import { createScopes, type Scope } from '../scope/scopes.ts';
import { texts } from '../texts.ts';
import { createDrafts } from '../thread/drafts.ts';
import { createThread, type Thread } from '../thread/thread.ts';
import { createNotices } from '../ui/notices.tsx';
import { conversationOf, draftOwner } from '../uploads/owners.ts';
import { saveFile } from '../uploads/save-file.ts';
import { createUploads, type Upload } from '../uploads/uploads.ts';
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
  const scopes = createScopes(userId);
  const collections = createCollections(client);
  const files = createFileList(client);
  const uploads = createUploads(client, onSent);
  let shownView = router.store.get().view;
  const store = createStore<WorkspaceState>({ thread: openThread(router.store.get().conversationId) });

  function openThread(id: string | null): Thread {
    return createThread(
      {
        client,
        drafts,
        find: (known) => lists.store.get().byId.get(known),
        onRead: (read) => lists.put([read]),
        retrieval: scopes.input,
        onNamed(named) {
          scopes.name(named);
          uploads.move(draftOwner(null), draftOwner(named));
          // Its answer may be waited for elsewhere on the page.
          if (router.store.get().view === 'conversation') router.go(named, 'replace');
        },
      },
      id,
    );
  }

  function show(): void {
    const { view, conversationId } = router.store.get();
    const { thread } = store.get();
    if (view !== shownView) sourcePanel.close();
    shownView = view;
    if (view === 'knowledge') return;
    // A new conversation has just got its id: it stays as it is on the page.
    if (thread.store.get().id === conversationId) return;
    sourcePanel.close();
    replace(conversationId);
  }

  function replace(conversationId: string | null): void {
    store.get().thread.dispose();
    const next = openThread(conversationId);
    store.set({ thread: next });
    void next.load();
  }

  /** The server has got a file. */
  function onSent(upload: Upload, file: KnownFile): void {
    files.add(file);
    const conversationId = conversationOf(upload.owner);
    if (conversationId === undefined) uploads.drop(upload.id);
    else scopes.attach(conversationId, file);
    void collections.refresh();
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
    scopes.clear(id);
    uploads.dropSent(draftOwner(id));
    const { thread } = store.get();
    if (thread.store.get().id !== id) return;
    if (router.store.get().view === 'conversation') {
      router.go(null, 'replace');
      notices.show(texts.conversation.deleted);
    } else replace(null);
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
    client,
    router,
    lists,
    drafts,
    notices,
    sourcePanel,
    scopes,
    collections,
    files,
    uploads,
    download: (file: { name: string; downloadUrl: string }) => saveFile(client, file),
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
        uploads.dispose();
        files.dispose();
        store.get().thread.dispose();
      };
    },

    /** Begins a conversation whose answers are looked up in these only. */
    askAbout(chosen: Partial<Pick<Scope, 'collectionIds' | 'files'>>): void {
      scopes.write(null, { mode: 'chosen', collectionIds: [], files: [], ...chosen });
      router.go(null);
    },

    async removeFile(id: string): Promise<void> {
      await files.remove(id);
      scopes.forget(id);
      void collections.refresh();
    },

    async removeCollection(id: string): Promise<void> {
      await collections.remove(id);
      scopes.forget(id);
      if (router.store.get().collectionId === id) router.goToKnowledge(null, 'replace');
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
