import { Icon } from '../ui/icons.tsx';
import styles from './drop-hint.module.css';

/** Over what takes files, while some are held above it. */
export function DropHint({ text }: { text: string }) {
  return (
    <div className={styles.hint}>
      <p>
        <Icon name="upload" size={22} />
        {text}
      </p>
    </div>
  );
}
