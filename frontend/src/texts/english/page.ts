import { count } from '../count.ts';

const waiting = (seconds: number): string => {
  if (seconds < 120) return count(seconds, 'second', 'seconds');
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? count(minutes, 'minute', 'minutes') : count(Math.ceil(minutes / 60), 'hour', 'hours');
};

/** What the frame of the page says, and what is said everywhere. */
export const page = {
  name: 'Colloquy',
  tagline: 'Conversations that keep their thread.',
  page: { more: 'Show more', skip: 'Skip to the content' },
  dialog: { cancel: 'Cancel', dismiss: 'Dismiss' },
  unsaved: {
    title: 'Leave without saving?',
    text: 'What you have changed here has not been saved. It is lost when you leave.',
    leave: 'Leave',
  },
  errors: {
    network: 'The server cannot be reached.',
    unknown: 'Something went wrong. Try again.',
    retryAfter: (seconds: number) => `Try again in ${waiting(seconds)}.`,
    codes: {
      BAD_USER_INPUT: 'Something that you have entered is not valid.',
      BLOCKED: 'The safety rules do not allow it.',
      CONFLICT: 'This does not go together with what is there already.',
      FORBIDDEN: 'You are not allowed to do this.',
      INTERNAL: 'Something went wrong on the server. Try again.',
      NOT_FOUND: 'It is no longer there.',
      PAYLOAD_TOO_LARGE: 'This is larger than the server accepts.',
      PROVIDER_UNAVAILABLE: 'The model cannot answer at the moment. Try again, or choose another one.',
      QUOTA_EXCEEDED: 'Today’s tokens are used up.',
      RATE_LIMITED: 'There are too many requests at the moment.',
      UNAUTHENTICATED: 'You are not signed in any more. Sign in again.',
      UNAVAILABLE: 'The server is not ready at the moment. Try again shortly.',
      UNSUPPORTED_MEDIA_TYPE:
        'This kind of file cannot be read. These can: PDF, Word, Excel, PowerPoint, OpenDocument, EPUB, HTML, Markdown, plain text, source code, CSV and JSON.',
    },
    noRoom: 'There is no room for this file. Delete files that you do not need any more.',
    /** The server's own words, where they say more. */
    inDetail: (_text: string, detail: string) => detail,
    /** Words of the server's or a provider's, which are English. */
    quote: (said: string) => said,
    sendAgain: 'Send again',
    outdated: 'The server has got a newer version of this page.',
    crash: 'Something went wrong on this page.',
    reload: 'Load the page again',
  },
  /** What the server says, by its own words, which are English. `{}` stands for what differs, and `{said}` for what others have said. */
  serverWords: {} as Readonly<Record<string, string>>,
};
