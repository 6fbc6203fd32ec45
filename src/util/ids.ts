import { v7 } from 'uuid';

/** A UUID of version 7: ids made later sort later, also within one millisecond of one process. */
export function createId(): string {
  return v7();
}

/**
 * A UUID of version 7 for something of another time (milliseconds since 1970). Of one time, those with a greater
 * `sequence` sort later.
 */
export function createIdAt(milliseconds: number, sequence: number): string {
  return v7({ msecs: milliseconds, seq: sequence });
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}
