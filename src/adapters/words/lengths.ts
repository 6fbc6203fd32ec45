import { createByteReader, createByteWriter } from './bytes.ts';
import { FIELD_COUNT } from './terms.ts';

/** How many terms each document has in each field. */
export type Lengths = Uint32Array[];

export function writeLengths(lengths: Lengths, documents: number): Uint8Array {
  const writer = createByteWriter(documents * 4 + 8);
  for (const field of lengths)
    for (let document = 0; document < documents; document += 1) writer.number(field[document] ?? 0);
  return writer.view();
}

export function readLengths(bytes: Uint8Array, documents: number): Lengths {
  const reader = createByteReader(bytes);
  return Array.from({ length: FIELD_COUNT }, () => {
    const field = new Uint32Array(documents);
    for (let document = 0; document < documents; document += 1) field[document] = reader.number();
    return field;
  });
}
