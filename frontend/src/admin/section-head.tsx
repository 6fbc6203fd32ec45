import { type ReactNode, useEffect, useRef } from 'react';
import styles from './section-head.module.css';

type SectionHeadProps = {
  title: ReactNode;
  about?: ReactNode;
  /** Somebody has just come here from another part of the same section, and what he has used is gone. */
  takesFocus?: boolean;
  /** The way back, above the title. */
  back?: ReactNode;
  /** Buttons at its end. */
  children?: ReactNode;
};

/** The top of a section, or of the thing of it that is open. */
export function SectionHead({ title, about, takesFocus = false, back, children }: SectionHeadProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus) heading.current?.focus({ preventScroll: true });
  }, [takesFocus]);
  return (
    <header className={styles.head}>
      {back && <p className={styles.back}>{back}</p>}
      <div className={styles.row}>
        <h2 ref={heading} tabIndex={-1}>
          {title}
        </h2>
        {children && <div className={styles.actions}>{children}</div>}
      </div>
      {about && <p className={styles.about}>{about}</p>}
    </header>
  );
}
