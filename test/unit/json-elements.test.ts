import { expect, test } from 'vitest';
import { type JsonElement, readElements } from '../../src/services/transfer/json-elements.ts';

async function read(text: string, size = text.length) {
  const elements: JsonElement[] = [];
  const header: Record<string, unknown> = {};
  async function* pieces() {
    for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
  }
  try {
    for await (const element of readElements(pieces(), (members) => Object.assign(header, members)))
      elements.push(element);
    return { elements, header, fault: null };
  } catch (error) {
    return { elements, header, fault: (error as Error).message };
  }
}

const texts = (elements: JsonElement[]) =>
  elements.map((element) => ('text' in element ? element.text.trim() : element.fault));

const TRICKY = ['{"a":"]},{\\"\\\\"}', '[[1,2],{"b":[]}]', '"a, \\" b"', '17', 'null', '{"c":"\\u005d🙂"}'];

test.each([1, 2, 3, 7, 1_000])('a list and an object with a list, in pieces of %i', async (size) => {
  const list = await read(` [ ${TRICKY.join(' , ')} ]\n`, size);
  expect(texts(list.elements)).toEqual(TRICKY);
  expect(list.elements.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
  const head = '"format":"x","more":{"conversations":[1,{"a":"]"}]}';
  const object = await read(`{${head},"conversations":[${TRICKY.join(',')}],"tail":[1,2]}`, size);
  expect(texts(object.elements)).toEqual(TRICKY);
  expect(object.header).toEqual({ format: 'x', more: { conversations: [1, { a: ']' }] }, tail: [1, 2] });
  expect([list.fault, object.fault]).toEqual([null, null]);
});

test.each(['[]', ' [ ] ', '{"conversations":[]}', '{"a":1,"conversations": [ ] }'])('nothing in %s', async (text) => {
  expect(await read(text)).toMatchObject({ elements: [], fault: null });
});

test.each([
  ['', 'This is not JSON.'],
  ['text', 'This is not JSON.'],
  ['17', 'This is not JSON.'],
  ['"a"', 'This is not JSON.'],
  ['[] []', 'This is not JSON.'],
  ['[],', 'This is not JSON.'],
  ['{"a":nonsense}', 'This is not JSON.'],
  ['{"a":[1]}', 'There are no conversations in it.'],
  ['[1,2', 'The file ends in the middle.'],
  ['["a', 'The file ends in the middle.'],
  ['["a\\', 'The file ends in the middle.'],
  ['{"conversations":[1]', 'The file ends in the middle.'],
  ['[1}', 'There is a } too many.'],
  ['{"conversations":[1],"conversations":[2]}', 'It has `conversations` twice.'],
])('%s is refused', async (text, fault) => {
  expect(await read(text, 1)).toMatchObject({ fault });
});

test('what is too large or too deep is told of and not kept, and the next is read', async () => {
  const large = `"${'x'.repeat(64_000_001)}"`;
  const { elements } = await read(`[1,${large},2,${'['.repeat(2_000)}${']'.repeat(2_000)},3]`, 1_000_000);
  expect(texts(elements)).toEqual(['1', 'It is too large.', '2', 'It is nested too deeply.', '3']);
});

test('what has too many values is told of as too large, and the next is read', async () => {
  const { elements } = await read(`[1,[${'{},'.repeat(2_500_000)}0],2]`, 1_000_000);
  expect(texts(elements)).toEqual(['1', 'It is too large.', '2']);
});
