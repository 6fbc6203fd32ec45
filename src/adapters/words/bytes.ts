/** Bytes that grow as they are written. Numbers take seven bits a byte, the low ones first. */
export type ByteWriter = {
  readonly length: number;
  /** A whole number from 0 to 2^53 - 1. */
  number(value: number): void;
  /** The first `size` of `part`; left out: all. */
  bytes(part: Uint8Array, size?: number): void;
  /** What was written so far. It stays what it is only until more is written. */
  view(): Uint8Array;
  clear(): void;
};

export function createByteWriter(capacity = 256): ByteWriter {
  let buffer = new Uint8Array(capacity);
  let length = 0;
  const provide = (more: number) => {
    if (length + more <= buffer.length) return;
    const larger = new Uint8Array(Math.max(buffer.length * 2, length + more));
    larger.set(buffer.subarray(0, length));
    buffer = larger;
  };
  return {
    get length() {
      return length;
    },
    number(value) {
      provide(8);
      let rest = value;
      // Beyond 31 bits the operators on bits would cut.
      while (rest >= 0x8000_0000) {
        buffer[length++] = (rest % 128) | 128;
        rest = Math.floor(rest / 128);
      }
      while (rest >= 128) {
        buffer[length++] = (rest & 127) | 128;
        rest >>>= 7;
      }
      buffer[length++] = rest;
    },
    bytes(part, size = part.length) {
      provide(size);
      // A few bytes are copied before a call into the runtime has begun.
      if (size < 32) for (let at = 0; at < size; at += 1) buffer[length + at] = part[at] as number;
      else buffer.set(size === part.length ? part : part.subarray(0, size), length);
      length += size;
    },
    view: () => buffer.subarray(0, length),
    clear() {
      length = 0;
    },
  };
}

export type ByteReader = {
  at: number;
  readonly end: number;
  number(): number;
};

export function createByteReader(bytes: Uint8Array, start = 0): ByteReader {
  return {
    at: start,
    end: bytes.length,
    number() {
      let value = 0;
      let scale = 1;
      for (;;) {
        if (this.at >= bytes.length) throw new RangeError('The lexical index is damaged: a number has no end.');
        const byte = bytes[this.at++] as number;
        value += (byte & 127) * scale;
        if (byte < 128) return value;
        scale *= 128;
      }
    },
  };
}
