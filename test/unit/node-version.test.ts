import { expect, test } from 'vitest';
import { isNodeTooOld } from '../../src/util/node-version.ts';

test.each([
  ['20.20.2', true],
  ['22.12.0', true],
  ['22.13.0', false],
  ['23.0.0', false],
  ['24.21.0', false],
])('Node %s is too old: %s', (version, isTooOld) => {
  expect(isNodeTooOld(version)).toBe(isTooOld);
});
