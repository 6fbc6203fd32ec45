import { Component, type ReactNode } from 'react';
import { texts } from '../texts.ts';
import styles from './fault-boundary.module.css';

/** What is shown in place of a page that has a fault: never a blank one. */
export class FaultBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <main className={styles.fault} role="alert">
        <p>{texts.errors.crash}</p>
        <button type="button" onClick={() => location.reload()}>
          {texts.errors.reload}
        </button>
      </main>
    );
  }
}
