import { createElement } from 'react';
import { expect, test } from 'vitest';
import { shownTarget } from '../../../frontend/src/markdown/link-target.ts';

test.each([
  ['https://example.org/a', 'https://example.org/a', null],
  ['https://example.org/a', 'example.org', null],
  ['https://example.org/a', 'HTTPS://example.org?b', null],
  ['http://www.example.org', 'www.example.org', null],
  ['mailto:who@example.org', 'who@example.org', null],
  ['https://example.org/a', 'a page', 'example.org'],
  ['https://example.org:8443/a', 'https://example.org/a', 'example.org:8443'],
  ['https://attacker.invalid/', 'https://bank.example', 'attacker.invalid'],
  ['https://bank.example.attacker.invalid/', 'https://bank.example', 'bank.example.attacker.invalid'],
  ['https://bank.example@attacker.invalid/', 'https://bank.example@attacker.invalid/', 'attacker.invalid'],
  ['https://bank.example/', 'bank.example.attacker.invalid', 'bank.example'],
  // A Cyrillic а; a mark that turns the direction.
  ['https://аpple.com/', 'https://аpple.com/', 'xn--pple-43d.com'],
  ['https://attacker.invalid/', '\u202Emoc.knab//:sptth', 'attacker.invalid'],
  ['mailto:thief@attacker.invalid?body=words', 'support@bank.example', 'thief@attacker.invalid'],
  ['https://', 'broken', 'https://'],
])('what is shown of %s under “%s”', (href, text, shown) => {
  expect(shownTarget(href, text)).toBe(shown);
});

test('the text of a link is also what stands in emphasis within it', () => {
  const named = (name: string) => ['https://', createElement('em', { key: 1 }, name), '/'];
  expect(shownTarget('https://example.org/', named('example.org'))).toBeNull();
  expect(shownTarget('https://attacker.invalid/', named('example.org'))).toBe('attacker.invalid');
});
