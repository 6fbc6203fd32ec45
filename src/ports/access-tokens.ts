export type AccessClaims = { userId: string; sessionId: string };

/** Short-lived signed tokens. Whether the session they name still lives is not theirs to know. */
export type AccessTokens = {
  sign(claims: AccessClaims, issuedAt: Date): { token: string; expiresAt: Date };
  /** Null for a token that is malformed, not ours or expired. */
  verify(token: string, now: Date): (AccessClaims & { expiresAt: Date }) | null;
};
