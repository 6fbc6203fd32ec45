import { count } from '../count.ts';
import type { page as english } from '../english/page.ts';
import { foreign } from '../foreign.ts';
import { serverWords } from './server-words.ts';

const waiting = (seconds: number): string => {
  if (seconds < 120) return count(seconds, 'Sekunde', 'Sekunden');
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? count(minutes, 'Minute', 'Minuten') : count(Math.ceil(minutes / 60), 'Stunde', 'Stunden');
};

const quote = (said: string): string => `„${foreign(said)}“`;

export const page: typeof english = {
  name: 'Colloquy',
  tagline: 'Gespräche, die den Faden behalten.',
  page: { more: 'Mehr anzeigen', skip: 'Zum Inhalt springen' },
  dialog: { cancel: 'Abbrechen', dismiss: 'Schließen' },
  unsaved: {
    title: 'Ohne Speichern verlassen?',
    text: 'Ihre Änderungen sind noch nicht gespeichert. Wenn Sie die Seite verlassen, gehen sie verloren.',
    leave: 'Verlassen',
  },
  errors: {
    network: 'Der Server ist nicht erreichbar.',
    unknown: 'Etwas ist schiefgegangen. Bitte versuchen Sie es noch einmal.',
    retryAfter: (seconds) => `Versuchen Sie es in ${waiting(seconds)} noch einmal.`,
    codes: {
      BAD_USER_INPUT: 'Eine Ihrer Angaben ist nicht gültig.',
      BLOCKED: 'Die Sicherheitsregeln lassen das nicht zu.',
      CONFLICT: 'Das verträgt sich nicht mit dem, was schon da ist.',
      FORBIDDEN: 'Dazu sind Sie nicht berechtigt.',
      INTERNAL: 'Auf dem Server ist ein Fehler aufgetreten. Bitte versuchen Sie es noch einmal.',
      NOT_FOUND: 'Das gibt es nicht mehr.',
      PAYLOAD_TOO_LARGE: 'Das ist größer, als der Server erlaubt.',
      PROVIDER_UNAVAILABLE:
        'Das Modell kann gerade nicht antworten. Versuchen Sie es noch einmal, oder wählen Sie ein anderes.',
      QUOTA_EXCEEDED: 'Die Token für heute sind aufgebraucht.',
      RATE_LIMITED: 'Im Moment gibt es zu viele Anfragen.',
      UNAUTHENTICATED: 'Sie sind nicht mehr angemeldet. Melden Sie sich wieder an.',
      UNAVAILABLE: 'Der Server ist gerade nicht bereit. Bitte versuchen Sie es gleich noch einmal.',
      UNSUPPORTED_MEDIA_TYPE:
        'Dateien dieser Art können nicht gelesen werden. Lesbar sind: PDF, Word, Excel, PowerPoint, OpenDocument, EPUB, HTML, Markdown, Text, Quelltext, CSV und JSON.',
    },
    noRoom: 'Für diese Datei ist kein Platz mehr. Löschen Sie Dateien, die Sie nicht mehr brauchen.',
    inDetail: (text, detail) => `${text} (${quote(detail)})`,
    quote,
    sendAgain: 'Noch einmal senden',
    outdated: 'Der Server hat eine neuere Fassung dieser Seite.',
    crash: 'Auf der Seite ist ein Fehler aufgetreten.',
    reload: 'Seite neu laden',
  },
  serverWords,
};
