import { Component, type ReactNode } from 'react';
import { texts } from '../texts/texts.ts';
import { OutdatedError } from '../util/lazy-part.ts';
import styles from './fault-boundary.module.css';

type FaultBoundaryProps = {
  /** A small part of a page, which is missing then. */
  isPart?: boolean;
  children: ReactNode;
};

/** What is shown in place of a page that has a fault: never a blank one. */
export class FaultBoundary extends Component<FaultBoundaryProps, { error: unknown }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error: error ?? new Error('a fault') };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    const Frame = this.props.isPart ? 'div' : 'main';
    return (
      <Frame className={this.props.isPart ? styles.part : styles.fault} role="alert">
        <p>{(error as unknown) instanceof OutdatedError ? texts.errors.outdated : texts.errors.crash}</p>
        <button type="button" onClick={() => location.reload()}>
          {texts.errors.reload}
        </button>
      </Frame>
    );
  }
}
