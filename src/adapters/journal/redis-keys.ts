/** A stream for each instance, under another name once it is sealed. */
export const journalKey = (prefix: string, instanceId: string) => `${prefix}journal:${instanceId}`;
export const sealedKey = (prefix: string, instanceId: string) => `${journalKey(prefix, instanceId)}:sealed`;

/** The one field of an entry. */
export const FIELD = 'p';
