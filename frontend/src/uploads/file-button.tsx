import { type ReactNode, useRef } from 'react';

type FileButtonProps = { onFiles: (files: File[]) => void; children: (open: () => void) => ReactNode };

/** A button that lets a person choose files. Which kinds can be read the server says: it looks at the bytes. */
export function FileButton({ onFiles, children }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      {children(() => input.current?.click())}
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          // The same file chosen again is a choice as well.
          event.target.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
    </>
  );
}
