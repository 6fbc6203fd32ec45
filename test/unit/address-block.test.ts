import { describe, expect, it } from 'vitest';
import { addressBlock } from '../../src/util/address-block.ts';

describe('what counts as one address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8:0:12::1', '2001:db8:0:12::/64'],
    ['2001:db8:0:12:ffff:1:2:3', '2001:db8:0:12::/64'],
    ['2001:0db8::0012:1:2:3:4', '2001:db8:0:12::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64'],
    ['1:2:3:4:5:6:192.0.2.33', '1:2:3:4::/64'],
  ])('%s is in %s', (ip, block) => {
    expect(addressBlock(ip)).toBe(block);
  });
});
