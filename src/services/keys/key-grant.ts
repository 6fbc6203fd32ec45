/** What a key is bound to. */
export type KeyGrant = {
  /** What it reads from and uploads to. Null: nothing. */
  collectionId: string | null;
  /** Applies to its chats by itself. */
  systemPromptId: string | null;
  limits: KeyLimits;
};

/** Null: the server's own limit. */
export type KeyLimits = { requestsPerMinute: number | null; tokensPerDay: number | null };
