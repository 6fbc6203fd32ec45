import type { keyboard as english } from '../english/keyboard.ts';

export const keyboard: typeof english = {
  keyboard: {
    title: 'Tastenkürzel',
    close: 'Übersicht schließen',
    or: 'oder',
    keys: { control: 'Strg', alt: 'Alt', shift: 'Umschalt', escape: 'Esc' },
    groups: { conversations: 'Gespräche', answers: 'Fragen und Antworten', page: 'Seite' },
    names: {
      newChat: 'Neues Gespräch',
      search: 'Gespräche durchsuchen',
      previous: 'Voriges Gespräch in der Liste',
      next: 'Nächstes Gespräch in der Liste',
      rename: 'Gespräch umbenennen',
      sidebar: 'Gespräche ein- oder ausblenden',
      composer: 'Nachricht schreiben',
      copyAnswer: 'Letzte Antwort kopieren',
      stop: 'Antwort anhalten oder schließen, was offen ist',
      undo: 'Löschen oder Archivieren rückgängig machen',
      help: 'Diese Übersicht',
    },
    inLists: 'In der Liste der Gespräche führen die Pfeiltasten weiter, die Eingabetaste öffnet, F2 benennt um.',
    copied: 'Die letzte Antwort wurde kopiert.',
    noAnswer: 'Es gibt noch keine Antwort, die kopiert werden könnte.',
    notCopied: 'Die Antwort konnte nicht kopiert werden.',
  },
};
