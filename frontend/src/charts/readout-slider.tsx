import type { ReactNode, RefObject } from 'react';
import styles from './charts.module.css';
import type { Readout } from './use-readout.ts';

type ReadoutSliderProps = {
  readout: Readout;
  label: string;
  /** What is read at the chosen place. */
  text: string;
  /** The element that says what the whole drawing shows. */
  describedBy?: string;
  area: RefObject<HTMLDivElement | null>;
  children: ReactNode;
};

/** The drawing of a chart. It is gone through like a slider, which every screen reader knows how to read out. */
export function ReadoutSlider({ readout, label, text, describedBy, area, children }: ReadoutSliderProps) {
  return (
    <div
      {...readout.handlers}
      ref={area}
      className={styles.plot}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-describedby={describedBy}
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={readout.last}
      aria-valuenow={readout.index ?? readout.last}
      aria-valuetext={text}
    >
      {children}
    </div>
  );
}
