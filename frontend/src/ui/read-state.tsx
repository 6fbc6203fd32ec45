import type { ReactNode } from 'react';
import { messageOf } from '../api/api-error.ts';
import { texts } from '../texts/texts.ts';
import { Button } from './button.tsx';
import styles from './read-state.module.css';
import { Said } from './said.tsx';

type ReadStateProps = {
  isLoading: boolean;
  error: unknown;
  /** There is nothing to show, and this is what to say about it. */
  empty?: ReactNode;
  onRetry: () => void;
};

/** In the place of what is read from the server: that it is on its way, could not be read, or that there is nothing. */
export function ReadState({ isLoading, error, empty, onRetry }: ReadStateProps) {
  if (error) {
    return (
      <div className={styles.state} role="alert">
        <p>
          <Said>{messageOf(error)}</Said>
        </p>
        <Button onClick={onRetry}>{texts.sidebar.retry}</Button>
      </div>
    );
  }
  if (isLoading) {
    return (
      <p className={styles.state} role="status">
        {texts.sidebar.loading}
      </p>
    );
  }
  return empty ? <div className={styles.state}>{empty}</div> : null;
}
