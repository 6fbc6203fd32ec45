import { Icon } from '../ui/icons.tsx';
import styles from './degraded-note.module.css';

/** Why an answer may lack what is in the files. */
export function DegradedNote({ text }: { text: string | null }) {
  if (!text) return null;
  return (
    <p className={styles.note}>
      <Icon name="warning" size={15} />
      <span>{text}</span>
    </p>
  );
}
