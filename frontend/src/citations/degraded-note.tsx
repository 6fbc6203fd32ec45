import { inPageWords } from '../texts/server-words.ts';
import { Icon } from '../ui/icons.tsx';
import { Said } from '../ui/said.tsx';
import styles from './degraded-note.module.css';

/** Why an answer may lack what is in the files. */
export function DegradedNote({ text }: { text: string | null }) {
  if (!text) return null;
  return (
    <p className={styles.note}>
      <Icon name="warning" size={15} />
      <span>
        <Said>{inPageWords(text)}</Said>
      </span>
    </p>
  );
}
