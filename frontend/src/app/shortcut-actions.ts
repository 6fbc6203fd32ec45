import { extentOf, visibleGroups } from '../conversations/visible-lists.ts';
import { focusPlaceSoon, PLACES } from '../keyboard/places.ts';
import type { ShortcutActions } from '../keyboard/use-shortcuts.ts';
import { texts } from '../texts/texts.ts';
import { copyText } from '../util/copy-text.ts';
import { conversationIdOf } from './router.ts';
import type { Drawer } from './use-drawer.ts';
import type { Workspace } from './workspace.ts';

type ShortcutTargets = { workspace: Workspace; drawer: Drawer; onHelp: () => void };

/** What the keys of the page do to it. */
export function shortcutActions({ workspace, drawer, onHelp }: ShortcutTargets): ShortcutActions {
  const { router, lists, side, deletions, notices, sourcePanel } = workspace;
  const shownId = () => conversationIdOf(router.store.get().route);
  const thread = () => workspace.store.get().thread;

  /** The conversation that stands so many below the one that is shown, as the list has them; from none the first. */
  function step(by: 1 | -1): boolean {
    const state = lists.store.get();
    const { archive } = side.get();
    const found = state.search?.ids ?? null;
    const { floor } = extentOf(state, archive);
    const shown = { byId: state.byId, archive, hidden: deletions.store.get().hidden, found, floor };
    const groups = visibleGroups(shown, new Date());
    const ids = groups.flatMap(({ conversations }) => conversations.map(({ id }) => id));
    const at = ids.indexOf(shownId() ?? '');
    const next = at < 0 ? ids[0] : ids[at + by];
    if (next) router.go(next);
    return next !== undefined;
  }

  async function copyAnswer(): Promise<void> {
    const { messages } = thread().store.get().path;
    const answer = messages.findLast(
      ({ role, status, content }) => role === 'ASSISTANT' && status !== 'GENERATING' && content,
    );
    const words = texts.keyboard;
    if (!answer) return notices.show(words.noAnswer);
    notices.show((await copyText(answer.content)) ? words.copied : words.notCopied);
  }

  return {
    newChat() {
      workspace.newConversation();
      drawer.close();
      focusPlaceSoon(PLACES.composer);
    },
    search() {
      drawer.open();
      focusPlaceSoon(PLACES.search, true);
    },
    previous: () => step(-1),
    next: () => step(1),
    rename() {
      const focused = document.activeElement?.closest<HTMLElement>('[data-conversations] [data-id]')?.dataset.id;
      const id = focused ?? shownId();
      if (!id) return false;
      drawer.open();
      side.set({ renaming: id });
      return true;
    },
    sidebar: drawer.toggle,
    composer() {
      // Beside the other pages the conversation that was last shown goes on.
      if (router.store.get().route.view !== 'conversation') router.go(thread().store.get().id);
      drawer.close();
      focusPlaceSoon(PLACES.composer);
    },
    copyAnswer: () => void copyAnswer(),
    stop() {
      // A drawer is closed by it first.
      if (drawer.isOpen) return false;
      if (router.store.get().route.view === 'conversation' && thread().store.get().live) thread().stop();
      else sourcePanel.close();
      return false;
    },
    undo: notices.actOnNewest,
    help: onHelp,
  };
}
