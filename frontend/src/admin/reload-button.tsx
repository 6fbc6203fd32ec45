import { texts } from '../texts/texts.ts';
import { IconButton } from '../ui/icon-button.tsx';
import styles from './reload-button.module.css';

/** Reads a list anew: it does not change by itself. */
export function ReloadButton({ onReload }: { onReload: () => void }) {
  return <IconButton icon="regenerate" label={texts.admin.reload} className={styles.button} onClick={onReload} />;
}
