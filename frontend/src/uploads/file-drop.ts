import { useEffect, useRef, useState } from 'react';
import { droppedFiles, type Missed } from './dropped-files.ts';

/** `missed`: what of a drop could not be taken along. */
export type TakeFiles = (files: readonly File[], missed?: Missed) => void;

/**
 * Takes files that are dropped anywhere on the page; null: nothing takes them now. Whether some are held above it.
 *
 * A browser opens what is dropped where nobody takes it, in the place of the page. See `refuseDrops`.
 */
export function useFileDrop(onFiles: TakeFiles | null): boolean {
  const [isOver, setOver] = useState(false);
  const latest = useRef(onFiles);
  latest.current = onFiles;
  const takes = onFiles !== null;

  useEffect(() => {
    if (!takes) return;
    // Entering a child comes before the leaving of its parent.
    let depth = 0;
    const leave = () => {
      depth = 0;
      setOver(false);
    };
    const listeners: { [name: string]: (event: DragEvent) => void } = {
      dragenter() {
        depth += 1;
        setOver(true);
      },
      dragover({ dataTransfer }) {
        if (dataTransfer) dataTransfer.dropEffect = 'copy';
      },
      dragleave() {
        depth -= 1;
        if (depth <= 0) leave();
      },
      drop({ dataTransfer }) {
        leave();
        if (!dataTransfer) return;
        void droppedFiles(dataTransfer).then(({ files, missed }) => {
          if (files.length > 0 || missed.unread > 0) latest.current?.(files, missed);
        });
      },
    };
    const ends = Object.entries(listeners).map(([name, listener]) =>
      listen(name, (event) => {
        // A dialog has the page to itself.
        if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
        event.preventDefault();
        listener(event);
      }),
    );
    return () => {
      for (const end of ends) end();
      leave();
    };
  }, [takes]);
  return isOver;
}

/** What nobody takes is not dropped on the page. */
export function refuseDrops(): void {
  const refuse = (event: DragEvent) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'none';
  };
  listen('dragover', refuse, window);
  listen('drop', refuse, window);
}

/** To files that are dragged. Returns what ends it. The window hears of them after the document. */
function listen(name: string, listener: (event: DragEvent) => void, target: Document | Window = document): () => void {
  const onlyFiles = (event: Event) => {
    if (event instanceof DragEvent && event.dataTransfer?.types.includes('Files')) listener(event);
  };
  target.addEventListener(name, onlyFiles);
  return () => target.removeEventListener(name, onlyFiles);
}

/** What is pasted. Without folders: a browser hands those over as files that cannot be read. */
export function filesOf(transfer: DataTransfer): File[] {
  return [...transfer.items].flatMap((item) => {
    if (item.kind !== 'file' || item.webkitGetAsEntry()?.isDirectory) return [];
    const file = item.getAsFile();
    return file ? [file] : [];
  });
}
