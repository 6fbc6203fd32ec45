import { Refusal } from '../refusal.ts';
import { decodeFile } from '../text/decode.ts';
import { linesOf } from '../text/lines.ts';
import type { Sections } from '../text/sections.ts';
import type { Format, Source } from './format.ts';
import { createJsonText } from './json-text.ts';
import { createJsonTokens, JsonFault } from './json-tokens.ts';

/** So much is looked at before what came of it is passed on. */
const SLICE = 16_384;

/** JSON, and JSON Lines, where a line that is none is text: logs have such. */
export const readJson: Format = async function* (source, sections) {
  const reader = createJsonText(sections);
  const tokens = createJsonTokens(reader);
  try {
    if (await isInLines(source)) yield* readLines(source, sections);
    else {
      for await (const { text, fraction } of decodeFile(source.path, source.size)) {
        for (let from = 0; from < text.length; from += SLICE) {
          tokens.push(text.slice(from, from + SLICE));
          yield fraction;
        }
      }
      tokens.end();
      reader.end();
    }
  } catch (error) {
    if (error instanceof JsonFault) throw new Refusal(error.message);
    throw error;
  }
};

/** Whether the first line is a whole value, and there is another line. */
async function isInLines(source: Source): Promise<boolean> {
  for await (const { lines } of linesOf(decodeFile(source.path, source.size))) {
    const [first, second] = lines.filter(({ text }) => text.trim() !== '');
    return first?.ends === true && second !== undefined && isValue(first.text);
  }
  return false;
}

async function* readLines(source: Source, sections: Sections): AsyncGenerator<number> {
  const reader = createJsonText(sections, true);
  let tokens: ReturnType<typeof createJsonTokens> | null = null;
  for await (const { lines, fraction } of linesOf(decodeFile(source.path, source.size))) {
    for (const [index, line] of lines.entries()) {
      // Only lines that are too long to be looked at first are taken as they come.
      if (!tokens && line.ends && !isValue(line.text)) {
        sections.add({ type: 'paragraph', text: line.text });
        continue;
      }
      tokens ??= createJsonTokens(reader);
      tokens.push(line.text);
      if (!line.ends) continue;
      tokens.end();
      tokens = null;
      reader.end();
      if (index % 50 === 49) yield fraction;
    }
    yield fraction;
  }
}

function isValue(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
