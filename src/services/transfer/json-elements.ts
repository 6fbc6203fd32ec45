/** One conversation of a file, as its JSON, or why it cannot be read. `index` counts from 0. */
export type JsonElement = { index: number; text: string } | { index: number; fault: string };

/** From where on the file cannot be read any more. */
export class JsonFault extends Error {}

/** In UTF-16 units. What is more is reported, and not kept in memory. */
export const MAX_ELEMENT_CHARACTERS = 64_000_000;
const MAX_HEADER_CHARACTERS = 64_000;
const MAX_DEPTH = 1_000;
/** Values in one element. The shortest take many times their text in memory, and no export has so many of them. */
const MAX_VALUES = 5_000_000;

const MARKS = /["{}[\],]/g;
const STRING_MARKS = /["\\]/g;
const LIST_KEY = /^\s*"conversations"\s*:\s*$/;

/**
 * Takes a JSON text apart that is a list, or an object with a list `conversations`, without ever holding more than one
 * of its elements: those are parsed by whoever gets them. The object's other members go to `onHeader`. Throws JsonFault
 * where the text is no such thing, or ends in the middle.
 */
export async function* readElements(
  chunks: AsyncIterable<string>,
  onHeader: (members: Record<string, unknown>) => void,
): AsyncGenerator<JsonElement> {
  const reader = createElementReader(onHeader);
  for await (const chunk of chunks) yield* reader.push(chunk);
  reader.end();
}

function createElementReader(onHeader: (members: Record<string, unknown>) => void) {
  /** How deep the elements lie that are being taken apart: members of the object or elements of the list. */
  let level = 0;
  let isList = false;
  let found = false;
  let depth = 0;
  let inString = false;
  let skipsOne = false;
  let ended = false;
  let taken = '';
  let tooLong = false;
  let tooDeep = false;
  let values = 0;
  let index = 0;
  /** What is being read, and from where on nothing of it has been taken. */
  let piece = '';
  let from = 0;

  function takeTo(end: number): void {
    if (end > from) take(piece.slice(from, end));
    from = end;
  }

  function take(text: string): void {
    if (level === 0) {
      if (text.trim() !== '') throw new JsonFault('This is not JSON.');
    } else if (taken.length + text.length > (isList ? MAX_ELEMENT_CHARACTERS : MAX_HEADER_CHARACTERS)) {
      drop();
    } else if (!tooLong) taken += text;
  }

  function drop(): void {
    tooLong = true;
    taken = '';
  }

  /** What lies between two commas. */
  function finish(isLast: boolean): JsonElement | null {
    const text = taken;
    const faults = [tooLong && 'It is too large.', tooDeep && 'It is nested too deeply.'];
    taken = '';
    tooLong = tooDeep = false;
    values = 0;
    const fault = faults.find((one) => one !== false);
    if (!isList) {
      if (fault === undefined && text.trim() !== '') onHeader(parseMembers(text));
      return null;
    }
    if (fault !== undefined) return { index: index++, fault };
    return isLast && text.trim() === '' ? null : { index: index++, text };
  }

  /** Between elements. */
  function* mark(character: string, at: number): Generator<JsonElement> {
    const isEnd = character === ']' || character === '}';
    if (level > 0 && !isEnd && character !== ',' && (isList || character !== '[')) return pass(character);
    takeTo(at);
    if (level > 0 && character === '[' && !LIST_KEY.test(taken)) return pass(character);
    from = at + 1;
    if (level === 0) begin(character);
    else if (character === ',') yield* one(finish(false));
    else if (isEnd) yield* close(character);
    else beginConversations();
  }

  function beginConversations(): void {
    if (found) throw new JsonFault('It has `conversations` twice.');
    depth = level = 2;
    isList = found = true;
    taken = '';
  }

  /** Within an element. */
  function pass(character: string): void {
    if (character === '"') inString = true;
    else values += 1;
    if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth > level + MAX_DEPTH) tooDeep = true;
    if (values > MAX_VALUES) drop();
  }

  function* close(character: string): Generator<JsonElement> {
    if ((character === ']') !== isList) throw new JsonFault(`There is a ${character} too many.`);
    yield* one(finish(true));
    depth -= 1;
    level = isList && level === 2 ? 1 : 0;
    isList = false;
    ended = level === 0;
  }

  function begin(character: string): void {
    if (ended || (character !== '[' && character !== '{')) throw new JsonFault('This is not JSON.');
    depth = level = 1;
    isList = character === '[';
    found = isList;
  }

  return {
    *push(text: string): Generator<JsonElement> {
      piece = text;
      from = 0;
      let at = 0;
      if (skipsOne && text !== '') {
        skipsOne = false;
        at = 1;
      }
      while (at < text.length) {
        const marks = inString ? STRING_MARKS : MARKS;
        marks.lastIndex = at;
        const next = marks.exec(text)?.index ?? text.length;
        at = next + 1;
        if (next === text.length) break;
        const character = text.charAt(next);
        if (!inString) {
          if (depth === level) yield* mark(character, next);
          else pass(character);
        } else if (character === '"') inString = false;
        else {
          skipsOne = next + 1 === text.length;
          at = next + 2;
        }
      }
      takeTo(text.length);
    },
    end(): void {
      if (!ended) throw new JsonFault(depth === 0 ? 'This is not JSON.' : 'The file ends in the middle.');
      if (!found) throw new JsonFault('There are no conversations in it.');
    },
  };
}

function* one(element: JsonElement | null): Generator<JsonElement> {
  if (element) yield element;
}

function parseMembers(text: string): Record<string, unknown> {
  try {
    return JSON.parse(`{${text}}`) as Record<string, unknown>;
  } catch {
    throw new JsonFault('This is not JSON.');
  }
}
