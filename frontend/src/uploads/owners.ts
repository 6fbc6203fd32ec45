const DRAFT = 'draft ';

/** What the attachments of a conversation's next message are known by. */
export const draftOwner = (conversationId: string | null): string => DRAFT + (conversationId ?? '');

/** And back: whose draft it is; undefined: not a draft's. */
export const conversationOf = (owner: string): string | null | undefined =>
  owner.startsWith(DRAFT) ? owner.slice(DRAFT.length) || null : undefined;

/** What is uploaded into a collection, or with null into none. */
export const knowledgeOwner = (collectionId: string | null): string => `knowledge ${collectionId ?? ''}`;
