import { DeleteConversationDocument } from '@colloquy/sdk';
import { createPromptDrafts } from '../admin/prompts/prompt-drafts.ts';
import type { Api } from '../api/api.ts';
import { messageOf } from '../api/api-error.ts';
import { deleteForSure } from '../api/delete-for-sure.ts';
import { sendAtLeave } from '../api/send-at-leave.ts';
import { createSourcePanel } from '../citations/source-panel.ts';
import { type Conversation, createConversationLists } from '../conversations/conversation-lists.ts';
import { createPendingDeletions } from '../conversations/pending-deletions.ts';
import { createCollections } from '../knowledge/collections.ts';
import { createFileList, type KnownFile } from '../knowledge/file-list.ts';
import { createAnswerOptions } from '../options/answer-options.ts';
import { createScopes, type Scope } from '../scope/scopes.ts';
import { texts } from '../texts/texts.ts';
import { createDrafts } from '../thread/drafts.ts';
import { createThread, type Thread } from '../thread/thread.ts';
import { createNotices } from '../ui/notices.ts';
import { leftOutWords, type Missed, NOTHING_MISSED } from '../uploads/dropped-files.ts';
import { conversationOf, draftOwner } from '../uploads/owners.ts';
import { saveFile } from '../uploads/save-file.ts';
import { createStorage } from '../uploads/storage.ts';
import { createUploads, isUnderway, MOST_UNDERWAY, type Upload, type UploadPlace } from '../uploads/uploads.ts';
import { shownName } from '../util/shown-name.ts';
import { createStore } from '../util/store.ts';
import { firstQuestion } from './first-question.ts';
import { collectionIdOf, conversationIdOf, createRouter } from './router.ts';

type WorkspaceState = { thread: Thread };

/** The list at the side. */
type SideState = {
  archive: boolean;
  /** The conversation whose title is being written there. */
  renaming: string | null;
};

/** Everything that one signed-in person works with on the page. */
export function createWorkspace({ client }: Api, userId: string) {
  const router = createRouter();
  const lists = createConversationLists(client);
  const drafts = createDrafts(userId);
  const promptDrafts = createPromptDrafts(userId);
  const notices = createNotices();
  const sourcePanel = createSourcePanel();
  const scopes = createScopes(userId);
  const options = createAnswerOptions(userId);
  const collections = createCollections(client);
  const files = createFileList(client);
  const storage = createStorage(client);
  const uploads = createUploads({ client, admit: storage.admit, onSent });
  const side = createStore<SideState>({ archive: false, renaming: null });
  const deletions = createPendingDeletions({
    userId,
    remove: (id) => deleteForSure(client.deleteConversation(id)),
    removeAtLeave: (id) => sendAtLeave(DeleteConversationDocument, { id }),
    onDeleted: gone,
    onFailed: (id, error) => notices.show(texts.conversation.notRemoved(titleOf(id), messageOf(error))),
  });
  const shownRoute = () => router.store.get().route;
  let shownView = shownRoute().view;
  const store = createStore<WorkspaceState>({ thread: openThread(conversationIdOf(shownRoute())) });

  function openThread(id: string | null): Thread {
    return createThread(
      {
        client,
        first: firstQuestion,
        drafts,
        find: (known) => lists.store.get().byId.get(known),
        onRead: (read) => lists.put([read]),
        retrieval: scopes.input,
        options: options.input,
        onNamed(named) {
          scopes.name(named);
          options.name(named);
          uploads.move(draftOwner(null), draftOwner(named));
          // Its answer may be waited for elsewhere on the page.
          if (shownRoute().view === 'conversation') router.go(named, 'replace');
        },
      },
      id,
    );
  }

  function show(): void {
    const route = shownRoute();
    const { thread } = store.get();
    if (route.view !== shownView) sourcePanel.close();
    shownView = route.view;
    if (route.view !== 'conversation') return;
    // A new conversation has just got its id: it stays as it is on the page.
    if (thread.store.get().id === route.conversationId) return;
    sourcePanel.close();
    replace(route.conversationId);
  }

  function replace(conversationId: string | null): void {
    store.get().thread.dispose();
    const next = openThread(conversationId);
    store.set({ thread: next });
    void next.load();
  }

  /** The server has got a file. */
  function onSent(upload: Upload, file: KnownFile): boolean {
    // The same bytes twice in one place are one file, by the name that it had first.
    const isTwin = files.store.get().byId.has(file.id) || shownName(file.name) !== shownName(upload.source.name);
    files.add(file);
    const conversationId = conversationOf(upload.owner);
    if (conversationId === undefined) uploads.drop(upload.id);
    else scopes.attach(conversationId, file);
    void collections.refresh();
    return isTwin;
  }

  /** Some have come or gone. */
  function countFiles(): void {
    void collections.refresh();
    void storage.refresh();
  }

  function changed(conversation: Conversation): void {
    lists.put([conversation]);
    const { thread } = store.get();
    if (thread.store.get().id === conversation.id) thread.changed(conversation);
  }

  const titleOf = (id: string) => lists.store.get().byId.get(id)?.title ?? texts.conversation.untitled;

  /** Shows a new conversation in the place of this one, if it is shown. Whether it was. */
  function leave(id: string): boolean {
    if (store.get().thread.store.get().id !== id) return false;
    if (shownRoute().view === 'conversation') router.go(null, 'replace');
    else replace(null);
    return true;
  }

  /** Deleted: here, in another tab or on another device. */
  function gone(id: string): void {
    lists.forget(id);
    drafts.clear(id);
    scopes.clear(id);
    options.clear(id);
    uploads.dropSent(draftOwner(id));
    const { view } = shownRoute();
    if (leave(id) && view === 'conversation') notices.show(texts.conversation.deleted);
  }

  /** What this browser keeps for its person. */
  function forget(): void {
    drafts.clearAll();
    promptDrafts.clearAll();
    scopes.clearAll();
    options.clearAll();
  }

  /** The browser asks whoever leaves while files are on their way: they do not arrive. */
  function onUnload(event: BeforeUnloadEvent): void {
    if (uploads.store.get().items.some(isUnderway)) event.preventDefault();
  }

  /** What the address names has been read before anybody listened for changes: the lists know whether there is news. */
  async function readLists(): Promise<void> {
    await lists.more('recent');
    const { thread } = store.get();
    const { conversation } = thread.store.get();
    const newest = conversation && lists.store.get().byId.get(conversation.id);
    if (newest && isNewer(newest, conversation)) thread.changed(newest);
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
    side,
    deletions,
    drafts,
    promptDrafts,
    notices,
    sourcePanel,
    scopes,
    options,
    collections,
    files,
    uploads,
    storage,
    download: (file: { name: string; downloadUrl: string }) => saveFile(client, file),
    store,

    /** Begins to listen for changes. Returns what ends it. */
    start(): () => void {
      const controller = new AbortController();
      const endRouter = router.start();
      const leaveRouter = router.store.subscribe(show);
      const endDeletions = deletions.start();
      // After the deletions have heard of it: nobody can take them back any more.
      window.addEventListener('pagehide', notices.settle);
      window.addEventListener('beforeunload', onUnload);
      void store.get().thread.load();
      void readLists();
      // Both end with the sign-in, which the session tells.
      listen(controller.signal).catch(() => {});
      listenForDeletions(controller.signal).catch(() => {});
      return () => {
        controller.abort();
        endRouter();
        leaveRouter();
        endDeletions();
        window.removeEventListener('pagehide', notices.settle);
        window.removeEventListener('beforeunload', onUnload);
        uploads.dispose();
        files.dispose();
        store.get().thread.dispose();
      };
    },

    /** Sends files to where they belong, and says what of them is left out. */
    upload(chosen: readonly File[], place: UploadPlace, missed: Missed = NOTHING_MISSED): void {
      const said = leftOutWords(missed, uploads.add(chosen, place), MOST_UNDERWAY);
      if (said !== null) notices.show(said);
    },

    /** Begins a conversation whose answers are looked up in these only. */
    askAbout(chosen: Partial<Pick<Scope, 'collectionIds' | 'files'>>): void {
      scopes.write(null, { mode: 'chosen', collectionIds: [], files: [], ...chosen });
      router.go(null);
    },

    async removeFile(id: string): Promise<void> {
      await files.remove(id);
      scopes.forget(id);
      countFiles();
    },

    /** Several at once. Returns those that are still there, and why the first of them is. */
    async removeFiles(ids: readonly string[]): Promise<{ left: string[]; reason: string | null }> {
      const left: string[] = [];
      let reason: string | null = null;
      const waiting = [...ids];
      const remove = async () => {
        for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
          try {
            await files.remove(id);
            scopes.forget(id);
          } catch (error) {
            left.push(id);
            reason ??= messageOf(error);
          }
        }
      };
      await Promise.all(Array.from({ length: MOST_REMOVALS }, remove));
      countFiles();
      return { left, reason };
    },

    async removeCollection(id: string): Promise<void> {
      await collections.remove(id);
      scopes.forget(id);
      void storage.refresh();
      if (collectionIdOf(shownRoute()) === id) router.goToKnowledge(null, 'replace');
    },

    newConversation(): void {
      router.go(null);
    },

    /** Where the branch ends that is shown of a conversation; null: none of it is, or its end is being written. */
    shownLeaf(id: string): string | null {
      const { id: shown, live, path } = store.get().thread.store.get();
      return shown === id && live === null ? (path.messages.at(-1)?.id ?? null) : null;
    },

    /** Changes what is given, and shows it when the server has taken it. */
    async update(id: string, changes: { title?: string; pinned?: boolean; archived?: boolean }): Promise<void> {
      changed(await client.updateConversation({ id, ...changes }));
    },

    /** As `update`, and it can be taken back for a while. */
    async archive(id: string): Promise<void> {
      changed(await client.updateConversation({ id, archived: true }));
      notices.show(texts.conversation.filedAway(titleOf(id)), {
        label: texts.conversation.undo,
        run: () => {
          const back = client.updateConversation({ id, archived: false });
          back.then(changed, (error: unknown) => notices.show(messageOf(error)));
        },
      });
    },

    /** Hides it at once, and deletes it when nobody has taken that back. */
    remove(id: string): void {
      deletions.begin(id);
      const wasShown = leave(id);
      notices.show(texts.conversation.removed(titleOf(id)), {
        label: texts.conversation.undo,
        run: () => {
          const isBack = deletions.takeBack(id);
          const route = shownRoute();
          // Unless a person has gone somewhere else in the meantime.
          if (isBack && wasShown && route.view === 'conversation' && !route.conversationId) router.go(id, 'replace');
        },
        onPassed: () => deletions.pass(id),
      });
    },

    /** What goes with the sign-in: text that is neither sent nor saved, also of other tabs, and files on their way. */
    atStake: () => ({
      written: router.isGuarded() || drafts.hasAny() || promptDrafts.hasAny(),
      uploads: uploads.store.get().items.some(isUnderway),
    }),

    /** Before the sign-in ends: what has been deleted is, and what was written is forgotten here. */
    async settle(): Promise<void> {
      await deletions.settle();
      forget();
    },

    forget,
  };
}

const isNewer = (one: Conversation, other: Conversation) =>
  one.activeAt > other.activeAt || one.updatedAt > other.updatedAt;

/** That go to the server at once. */
const MOST_REMOVALS = 3;

export type Workspace = ReturnType<typeof createWorkspace>;
