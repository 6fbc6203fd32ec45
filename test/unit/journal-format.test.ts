import { describe, expect, it } from 'vitest';
import { decodeParts, encodeParts } from '../../src/adapters/journal/journal-format.ts';
import type { JournalPart } from '../../src/ports/journal.ts';
import { createRandom } from '../support/random.ts';

const random = createRandom(7);
const whole = (limit: number) => Math.floor(random() * limit);

function anyPart(): JournalPart {
  const key = whole(4) === 0 ? whole(2_147_483_647) : whole(300);
  if (whole(5) === 0) return { type: 'ended', key };
  if (whole(5) === 0) return { type: 'retrieved', key, isStored: whole(2) === 0 };
  const text = 'aé漢😀\n\u0000'.repeat(20).slice(0, whole(60)).toWellFormed();
  return { type: whole(2) === 0 ? 'text' : 'reasoning', key, start: whole(3_000_000_000), text };
}

describe('parts of a journal as bytes', () => {
  it('come back as they were', () => {
    for (let round = 0; round < 500; round++) {
      const parts = Array.from({ length: whole(30) }, anyPart);
      expect(decodeParts(encodeParts(parts))).toEqual(parts);
      const wanted = (key: number) => key % 2 === 0;
      expect(decodeParts(encodeParts(parts), wanted)).toEqual(parts.filter(({ key }) => wanted(key)));
    }
  });

  it('that are cut off or garbage give whole parts or none, and never an error', () => {
    const parts = Array.from({ length: 20 }, anyPart);
    const bytes = encodeParts(parts);
    for (let length = 0; length <= bytes.length; length++) {
      const found = decodeParts(bytes.subarray(0, length));
      expect(parts.slice(0, found.length)).toEqual(found);
    }
    for (let round = 0; round < 500; round++) {
      const garbage = Buffer.from(Array.from({ length: whole(200) }, () => whole(256)));
      expect(() => decodeParts(Buffer.concat([Buffer.from([1]), garbage]))).not.toThrow();
    }
    expect(decodeParts(Buffer.from([2, 1, 2, 3]))).toEqual([]);
  });

  it('cost few bytes beside their text', () => {
    const parts: JournalPart[] = [{ type: 'text', key: 90, start: 1_200, text: 'tokens' }];
    expect(encodeParts(parts).length).toBeLessThanOrEqual(12);
  });
});
