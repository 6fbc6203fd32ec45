import { describe, expect, test } from 'vitest';
import { contentDisposition } from '../../src/transport/content-disposition.ts';
import { parseRange } from '../../src/transport/downloads-range.ts';

describe('contentDisposition', () => {
  test.each([
    ['notes.txt', `attachment; filename="notes.txt"; filename*=UTF-8''notes.txt`],
    ['Größe 5€.pdf', `attachment; filename="Gro_e 5_.pdf"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%205%E2%82%AC.pdf`],
    [
      '"a"; filename=b.html',
      `attachment; filename="_a_; filename=b.html"; filename*=UTF-8''%22a%22%3B%20filename%3Db.html`,
    ],
    ["100% (it's *).txt", `attachment; filename="100_ (it's *).txt"; filename*=UTF-8''100%25%20%28it%27s%20%2A%29.txt`],
    ['back\\slash', `attachment; filename="back_slash"; filename*=UTF-8''back%5Cslash`],
    ['日本.md', `attachment; filename="__.md"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.md`],
    ['half \ud800.txt', `attachment; filename="half _.txt"; filename*=UTF-8''half%20%EF%BF%BD.txt`],
  ])('of %j', (name, header) => {
    expect(contentDisposition(name)).toBe(header);
    expect(() => new Headers({ 'content-disposition': header })).not.toThrow();
  });
});

describe('parseRange of 100 bytes', () => {
  test.each([
    ['bytes=0-0', { start: 0, end: 1 }],
    ['bytes=0-99', { start: 0, end: 100 }],
    ['bytes=10-', { start: 10, end: 100 }],
    ['bytes=90-200', { start: 90, end: 100 }],
    ['bytes=-10', { start: 90, end: 100 }],
    ['bytes=-1000', { start: 0, end: 100 }],
    [' BYTES=5-6 ', { start: 5, end: 7 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=999999999999999-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    [undefined, null],
    ['', null],
    ['bytes=', null],
    ['bytes=-', null],
    ['bytes=5-4', null],
    ['bytes=0-1,5-6', null],
    ['bytes=a-b', null],
    ['items=0-1', null],
    ['bytes=1.5-2', null],
    [`bytes=${'9'.repeat(30)}-`, null],
  ])('%j', (header, range) => {
    expect(parseRange(header, 100)).toEqual(range);
  });
});
