import { texts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import type { Tally, Upload, Uploads } from '../uploads/uploads.ts';
import styles from './upload-summary.module.css';

type UploadSummaryProps = {
  owner: string;
  /** Of this owner, which the server has not got. */
  uploads: readonly Upload[];
  tally: Tally | undefined;
  store: Uploads;
};

/** How far several uploads have got together, and what can be done with all of them. */
export function UploadSummary({ owner, uploads, tally, store }: UploadSummaryProps) {
  const sent = tally?.files ?? 0;
  const twins = tally?.twins ?? 0;
  const all = sent + uploads.length;
  const failed = uploads.filter(({ phase }) => phase === 'failed').length;
  const underway = uploads.length - failed;
  if (twins === 0 && (all < 2 || uploads.length === 0)) return null;

  const bytes = uploads.reduce((sum, { source }) => sum + source.size, tally?.bytes ?? 0);
  const sentBytes = uploads.reduce((sum, { source, progress }) => sum + source.size * progress, tally?.bytes ?? 0);
  const words = texts.uploads;
  const parts = [
    words.sentOf(sent, all),
    ...(failed > 0 ? [words.failures(failed)] : []),
    ...(twins > 0 ? [words.twins(twins)] : []),
  ];
  return (
    <div className={styles.summary}>
      {/* Every file would be said aloud; what is said is the end. */}
      <p role={underway === 0 ? 'status' : undefined}>{parts.join(' · ')}</p>
      {failed > 0 && underway === 0 && <Button onClick={() => store.retryFailed(owner)}>{words.retryFailed}</Button>}
      {underway > 0 ? (
        <Button onClick={() => store.dropUnderway(owner)}>{words.cancelAll}</Button>
      ) : (
        <Button
          onClick={() => {
            store.dropFailed(owner);
            store.forgetTally(owner);
          }}
        >
          {words.dismissAll}
        </Button>
      )}
      {underway > 0 && <ProgressBar label={words.overall} value={bytes > 0 ? sentBytes / bytes : sent / all} />}
    </div>
  );
}
