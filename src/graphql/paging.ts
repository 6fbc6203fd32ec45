import { badInput } from '../errors.ts';

export const DEFAULT_PAGE = 20;
export const MAX_PAGE = 100;

export type PageArguments = {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
};

export type Page = { count: number; fromEnd: boolean; after: string | null; before: string | null };

/** Checks the arguments of a connection. Throws BAD_USER_INPUT. */
export function readPage({ first, after, last, before }: PageArguments): Page {
  if (first != null && last != null) throw badInput({ last: 'Ask for the first or for the last, not for both.' });
  for (const [name, count] of Object.entries({ first, last })) {
    if (count == null) continue;
    if (count < 0) throw badInput({ [name]: 'A page cannot have less than 0 entries.' });
    if (count > MAX_PAGE) throw badInput({ [name]: `A page has at most ${MAX_PAGE} entries.` });
  }
  return { count: first ?? last ?? DEFAULT_PAGE, fromEnd: last != null, after: after ?? null, before: before ?? null };
}

/** What the complexity plugin takes a list of unknown length for, such as the edges of a connection. */
const LIST_MULTIPLIER = 10;

/** The cost of a connection grows with its page. */
export function pageComplexity({ first, last }: PageArguments) {
  return { field: 1, multiplier: (first ?? last ?? DEFAULT_PAGE) / LIST_MULTIPLIER };
}

export function encodeCursor(...parts: (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The parts of a cursor, checked by `parse` (null: not one of ours). Throws BAD_USER_INPUT. */
export function decodeCursor<Parts>(cursor: string, field: string, parse: (parts: unknown[]) => Parts | null): Parts {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    parts = null;
  }
  const parsed = Array.isArray(parts) ? parse(parts) : null;
  if (parsed === null) throw badInput({ [field]: 'This is not a cursor of this list.' });
  return parsed;
}

type Edge<Node> = { cursor: string; node: Node };

export type ConnectionShape<Node> = {
  edges: Edge<Node>[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
};

/**
 * A connection from rows that are in the list's order. `more` says whether the list goes on beyond the page in the
 * direction of paging; `bounded` whether a cursor cut the other side off.
 */
export function connection<Node>(
  rows: Node[],
  cursorOf: (node: Node) => string,
  page: Page,
  more: boolean,
): ConnectionShape<Node> {
  const edges = rows.map((node) => ({ cursor: cursorOf(node), node }));
  const hasNextPage = page.fromEnd ? page.before !== null : more;
  const hasPreviousPage = page.fromEnd ? more : page.after !== null;
  const pageInfo = {
    hasNextPage,
    hasPreviousPage,
    startCursor: edges[0]?.cursor ?? null,
    endCursor: edges.at(-1)?.cursor ?? null,
  };
  return { edges, pageInfo };
}
