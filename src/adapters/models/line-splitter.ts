import { StringDecoder } from 'node:string_decoder';

/** Longer than any honest event, and a bound on what one connection can make the server hold. */
const LONGEST_LINE = 8 * 1024 * 1024;

export type LineSplitter = {
  /** Calls `onLine` for every line that the bytes complete. */
  write(bytes: Buffer): void;
  /** The bytes are over: gives the line that was begun and not ended. */
  end(): string;
};

/** Bytes in, lines out, without their ends (`\n` or `\r\n`), however the bytes were cut. */
export function createLineSplitter(onLine: (line: string) => void, onTooLong: () => void): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let started = false;

  const emit = (text: string, from: number, to: number) => {
    const end = to > from && text.charCodeAt(to - 1) === 13 ? to - 1 : to;
    onLine(text.slice(from, end));
  };

  function take(text: string): void {
    if (!started && text.length > 0) {
      started = true;
      // A byte order mark is no part of the first field's name.
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    }
    let at = text.indexOf('\n');
    if (at < 0) {
      rest += text;
    } else {
      if (rest) {
        const joined = rest + text.slice(0, at);
        rest = '';
        emit(joined, 0, joined.length);
      } else emit(text, 0, at);
      let from = at + 1;
      for (at = text.indexOf('\n', from); at >= 0; at = text.indexOf('\n', from)) {
        emit(text, from, at);
        from = at + 1;
      }
      rest = from < text.length ? text.slice(from) : '';
    }
    if (rest.length > LONGEST_LINE) {
      rest = '';
      onTooLong();
    }
  }

  return {
    write: (bytes) => take(decoder.write(bytes)),
    end() {
      take(decoder.end());
      const begun = rest;
      rest = '';
      return begun;
    },
  };
}
