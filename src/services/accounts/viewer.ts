import type { KeyGrant } from '../keys/key-grant.ts';

/**
 * Who asks: a person, or a program with an API key. Made once per operation from the credentials, after the session or
 * the key was found to be good.
 */
export type Viewer = PersonViewer | KeyViewer;

export type PersonViewer = Asker & { credential: { type: 'session'; sessionId: string }; key: null };
export type KeyViewer = Asker & { credential: { type: 'key'; keyId: string }; key: KeyGrant };

type Asker = {
  /** Whose the things are that may be read, and that are made: an account, or the owner behind a key. */
  userId: string;
  /** Of a key, the name of its client. */
  username: string;
  /** Never with a key. */
  isAdmin: boolean;
  /** When the credential ends; a socket opened with it is closed then. Null: never by itself. */
  expiresAt: Date | null;
};
