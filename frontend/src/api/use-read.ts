import type { DocumentNode } from 'graphql';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type AnyVariables, type TypedDocumentNode, useClient } from 'urql';

export type Read<Data> = {
  data: Data | null;
  isLoading: boolean;
  error: unknown;
  /** Reads it again; what is shown stays until there is something newer. */
  reload: () => Promise<void>;
};

/** What the server says now, read once and anew whenever `variables` change or somebody asks for it. */
export function useRead<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables> & DocumentNode,
  variables: Variables,
): Read<Data> {
  const client = useClient();
  const [state, setState] = useState<Omit<Read<Data>, 'reload'>>({ data: null, isLoading: true, error: null });
  const asked = useRef(0);
  const latest = useRef(variables);
  latest.current = variables;

  const reload = useCallback(async () => {
    asked.current += 1;
    const order = asked.current;
    setState((before) => ({ ...before, isLoading: true, error: null }));
    const answer = client.query(document, latest.current, { requestPolicy: 'network-only' }).toPromise();
    const { data, error } = await answer;
    if (order !== asked.current) return;
    if (data) setState({ data, isLoading: false, error: null });
    else setState((before) => ({ ...before, isLoading: false, error: error?.networkError ?? error }));
  }, [client, document]);

  const key = JSON.stringify(variables);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for the variables
  useEffect(() => {
    void reload();
    return () => {
      asked.current += 1;
    };
  }, [reload, key]);

  return { ...state, reload };
}
