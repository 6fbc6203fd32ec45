import type { ReactNode } from 'react';
import styles from './part.module.css';

type PartProps = {
  title: string;
  about?: string;
  /** Buttons beside its title. */
  actions?: ReactNode;
  isBusy?: boolean;
  children: ReactNode;
};

/** A part of a section, with a heading of its own. */
export function Part({ title, about, actions, isBusy, children }: PartProps) {
  return (
    <section className={styles.part} aria-label={title} aria-busy={isBusy}>
      <div className={styles.head}>
        <h3>{title}</h3>
        {actions}
      </div>
      {about && <p className={styles.about}>{about}</p>}
      {children}
    </section>
  );
}
