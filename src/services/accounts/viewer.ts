/** Who asks. Made once per operation from the credentials, after the session was found to be alive. */
export type Viewer = {
  userId: string;
  username: string;
  isAdmin: boolean;
  sessionId: string;
  /** When the credential ends; a socket opened with it is closed then. */
  expiresAt: Date;
};
