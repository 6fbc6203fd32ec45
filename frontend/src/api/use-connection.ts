import type { DocumentNode } from 'graphql';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type AnyVariables, type TypedDocumentNode, useClient } from 'urql';

type Page<Node> = {
  totalCount?: number;
  edges: { node: Node }[];
  pageInfo: { endCursor: string | null; hasNextPage: boolean };
};

export type ConnectionRead<Node> = {
  nodes: readonly Node[];
  /** Of the whole list, where the document asks for it and it has been read. */
  total: number | null;
  hasMore: boolean;
  isLoading: boolean;
  error: unknown;
  more: () => void;
  /** Reads once more what could not be read. */
  retry: () => void;
  /** Reads it from its beginning; what is shown stays until there is something newer. */
  reload: () => void;
  /** Shows a node that a mutation has answered with; `isNew`: at the top. */
  put: (node: Node, isNew?: boolean) => void;
  drop: (id: string) => void;
};

const PAGE = 50;

type State<Node> = {
  nodes: readonly Node[];
  total: number | null;
  cursor: string | null;
  hasMore: boolean;
  isLoading: boolean;
  error: unknown;
};

/** A list that is read page by page, anew whenever `variables` change. `pageOf` finds the connection in the answer. */
export function useConnection<Data, Variables extends AnyVariables, Node extends { id: string }>(
  document: TypedDocumentNode<Data, Variables> & DocumentNode,
  pageOf: (data: Data) => Page<Node>,
  variables: Omit<Variables, 'first' | 'after'>,
): ConnectionRead<Node> {
  const client = useClient();
  const [state, setState] = useState<State<Node>>(UNREAD);
  const asked = useRef(0);
  const lastCursor = useRef<string | null>(null);
  const changes = useRef(0);
  const latest = useRef({ pageOf, variables });
  latest.current = { pageOf, variables };

  const read = useCallback(
    async (cursor: string | null) => {
      asked.current += 1;
      const order = asked.current;
      const known = changes.current;
      lastCursor.current = cursor;
      setState((before) => ({ ...before, isLoading: true, error: null }));
      const all = { ...latest.current.variables, first: PAGE, after: cursor } as unknown as Variables;
      const { data, error } = await client.query(document, all, { requestPolicy: 'network-only' }).toPromise();
      if (order !== asked.current) return;
      // It may be from before what has been changed meanwhile.
      if (cursor === null && known !== changes.current) return read(null);
      if (!data) return setState((before) => ({ ...before, isLoading: false, error: error?.networkError ?? error }));
      const { edges, pageInfo, totalCount = null } = latest.current.pageOf(data);
      const found = edges.map(({ node }) => node);
      setState(({ nodes }) => {
        const before = cursor === null ? [] : nodes.filter(({ id }) => found.every((node) => node.id !== id));
        return {
          nodes: [...before, ...found],
          total: totalCount,
          cursor: pageInfo.endCursor,
          hasMore: pageInfo.hasNextPage,
          isLoading: false,
          error: null,
        };
      });
    },
    [client, document],
  );

  const key = JSON.stringify(variables);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for the variables
  useEffect(() => {
    void read(null);
    return () => {
      asked.current += 1;
    };
  }, [read, key]);

  return {
    ...state,
    more: useCallback(() => void read(state.cursor), [read, state.cursor]),
    retry: useCallback(() => void read(lastCursor.current), [read]),
    reload: useCallback(() => void read(null), [read]),
    put: useCallback((node, isNew = false) => {
      changes.current += 1;
      setState((before) => ({
        ...before,
        nodes: isNew ? [node, ...before.nodes] : before.nodes.map((known) => (known.id === node.id ? node : known)),
        total: isNew && before.total !== null ? before.total + 1 : before.total,
      }));
    }, []),
    drop: useCallback((id) => {
      changes.current += 1;
      setState((before) => ({
        ...before,
        nodes: before.nodes.filter((known) => known.id !== id),
        total: before.total && before.total - 1,
      }));
    }, []),
  };
}

const UNREAD = { nodes: [], total: null, cursor: null, hasMore: false, isLoading: true, error: null };
