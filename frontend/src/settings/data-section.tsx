import { texts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { Said } from '../ui/said.tsx';
import { DropHint } from '../uploads/drop-hint.tsx';
import { leftOutWords, MOST_FILES, NOTHING_MISSED } from '../uploads/dropped-files.ts';
import { FileButton } from '../uploads/file-button.tsx';
import { useFileDrop } from '../uploads/file-drop.ts';
import { formatBytes } from '../util/amounts.ts';
import { useStore } from '../util/store.ts';
import { ImportList } from './import-list.tsx';
import styles from './settings.module.css';
import type { SettingsProps } from './settings-props.ts';
import { type Transfers, transfersOf } from './transfers.ts';

/** A person's conversations as a file: out of the server, and into it. */
export function DataSection({ session, workspace }: SettingsProps) {
  const transfers = transfersOf(workspace, session);
  const words = texts.settings.data;
  const isDropping = useFileDrop((files, missed = NOTHING_MISSED) => {
    transfers.add(files);
    const said = leftOutWords(missed, 0, MOST_FILES);
    if (said !== null) workspace.notices.show(said);
  });
  const imports = useStore(transfers.store, (state) => state.imports);
  return (
    <div className={styles.data}>
      <h2>{words.title}</h2>
      <ExportBlock transfers={transfers} />
      <section className={styles.block} aria-labelledby="import-title">
        <h3 id="import-title">{words.importTitle}</h3>
        <p>{words.importText}</p>
        <FileButton onFiles={transfers.add}>
          {(open) => (
            <Button icon="upload" onClick={open}>
              {words.import}
            </Button>
          )}
        </FileButton>
        {imports.length > 0 && <ImportList imports={imports} onDrop={transfers.drop} />}
      </section>
      {isDropping && <DropHint text={words.drop} />}
    </div>
  );
}

function ExportBlock({ transfers }: { transfers: Transfers }) {
  const { phase, bytes, error } = useStore(transfers.store, (state) => state.export);
  const words = texts.settings.data;
  return (
    <section className={styles.block} aria-labelledby="export-title">
      <h3 id="export-title">{words.exportTitle}</h3>
      <p>{words.exportText}</p>
      <div className={styles.row}>
        {phase === 'running' ? (
          <Button icon="close" onClick={transfers.cancelExport}>
            {texts.dialog.cancel}
          </Button>
        ) : (
          <Button icon="download" onClick={() => void transfers.exportAll()}>
            {words.export}
          </Button>
        )}
        <span className={styles.note} role="status">
          {phase === 'running' && words.exporting(formatBytes(bytes))}
          {phase === 'done' && words.exported(formatBytes(bytes))}
        </span>
      </div>
      {phase === 'running' && <ProgressBar label={words.exportTitle} value={null} />}
      {error && (
        <p className={styles.fault} role="alert">
          <Said>{error}</Said>
        </p>
      )}
    </section>
  );
}
