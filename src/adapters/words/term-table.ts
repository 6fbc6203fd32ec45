import type { TermHash } from './terms.ts';

/** Gives each term a number from 0 up, in the order of their coming. Open addressing over typed arrays: no strings. */
export type TermTable = {
  readonly size: number;
  numberOf(hash: TermHash): number;
  hashOf(number: number): TermHash;
};

export function createTermTable(): TermTable {
  let capacity = 1 << 12;
  let slots = new Int32Array(capacity).fill(-1);
  let hashes = new Float64Array(capacity / 2);
  let size = 0;

  /** The low bits of the hash are as good as any others. */
  const slotOf = (hash: number) => {
    const mask = capacity - 1;
    let slot = (hash % 0x1_0000_0000) & mask;
    for (;;) {
      const number = slots[slot] as number;
      if (number === -1 || hashes[number] === hash) return slot;
      slot = (slot + 1) & mask;
    }
  };
  const grow = () => {
    capacity *= 4;
    slots = new Int32Array(capacity).fill(-1);
    const larger = new Float64Array(capacity / 2);
    larger.set(hashes.subarray(0, size));
    hashes = larger;
    for (let number = 0; number < size; number += 1) slots[slotOf(hashes[number] as number)] = number;
  };
  return {
    get size() {
      return size;
    },
    numberOf(hash) {
      let slot = slotOf(hash);
      const known = slots[slot] as number;
      if (known !== -1) return known;
      if (size >= capacity / 2) {
        grow();
        slot = slotOf(hash);
      }
      slots[slot] = size;
      hashes[size] = hash;
      size += 1;
      return size - 1;
    },
    hashOf: (number) => hashes[number] as number,
  };
}
