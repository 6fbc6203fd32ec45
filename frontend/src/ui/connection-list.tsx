import type { ReactNode } from 'react';
import type { ConnectionRead } from '../api/use-connection.ts';
import { texts } from '../texts/texts.ts';
import { Button } from './button.tsx';
import styles from './connection-list.module.css';
import { ReadState } from './read-state.tsx';

type ConnectionListProps<Node> = {
  read: ConnectionRead<Node>;
  /** Said where there is nothing. */
  empty: ReactNode;
  children: (nodes: readonly Node[]) => ReactNode;
};

/** What has been read of a list, and the button that reads on. */
export function ConnectionList<Node>({ read, empty, children }: ConnectionListProps<Node>) {
  const { nodes, hasMore, isLoading, error, more, retry } = read;
  const isEmpty = nodes.length === 0;
  return (
    <div aria-busy={isLoading}>
      {!isEmpty && children(nodes)}
      {(isEmpty || Boolean(error)) && (
        <ReadState isLoading={isLoading} error={error} empty={hasMore ? null : empty} onRetry={retry} />
      )}
      {hasMore && !error && (
        <p className={styles.more}>
          {/* Not disabled: it would lose the focus, and whoever goes on by keyboard his place. */}
          <Button onClick={() => !isLoading && more()} aria-disabled={isLoading || undefined}>
            {isLoading ? texts.sidebar.loading : texts.page.more}
          </Button>
        </p>
      )}
    </div>
  );
}
