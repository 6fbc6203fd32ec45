type Page<Node> = {
  totalCount?: number;
  pageInfo: { hasNextPage: boolean; endCursor?: string | null | undefined };
  edges: { node: Node }[];
};

/** The most that a server gives at once. */
const PAGE = 100;

/** What a list holds, page by page, for as long as somebody asks for more. */
export async function* pages<Node>(
  read: (page: { first: number; after: string | null }) => Promise<Page<Node>>,
): AsyncGenerator<Node> {
  for (let after: string | null = null; ; ) {
    const { edges, pageInfo }: Page<Node> = await read({ first: PAGE, after });
    for (const { node } of edges) yield node;
    if (!pageInfo.hasNextPage || !pageInfo.endCursor) return;
    after = pageInfo.endCursor;
  }
}

/** The first `limit` of them, and whether there are more. */
export async function take<Node>(
  nodes: AsyncGenerator<Node>,
  limit: number,
): Promise<{ taken: Node[]; more: boolean }> {
  const taken: Node[] = [];
  for await (const node of nodes) {
    if (taken.length === limit) return { taken, more: true };
    taken.push(node);
  }
  return { taken, more: false };
}
