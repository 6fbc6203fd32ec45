import { texts } from '../texts/texts.ts';
import type { AnswerOptions } from './answer-options.ts';

/** The options as a person writes them. */
export type WrittenOptions = Record<keyof typeof BLANK, string>;

export type OptionFaults = Partial<Record<keyof WrittenOptions, string>>;

const BLANK = { temperature: '', topP: '', topK: '', maxTokens: '', seed: '', stop: '', jsonSchema: '' };

/** As on the server. */
export const RANGES = {
  temperature: { min: 0, max: 2, isWhole: false },
  topP: { min: 0, max: 1, isWhole: false },
  topK: { min: 1, max: 1_000, isWhole: true },
  maxTokens: { min: 1, max: 1_000_000, isWhole: true },
  seed: { min: -2_147_483_648, max: 2_147_483_647, isWhole: true },
} as const;

const MOST_STOPS = 4;
const LONGEST_STOP = 200;
const LONGEST_SCHEMA = 50_000;

const NUMBERS = Object.keys(RANGES) as (keyof typeof RANGES)[];

export function writeOptions(options: AnswerOptions): WrittenOptions {
  const written: WrittenOptions = { ...BLANK };
  for (const name of NUMBERS) written[name] = options[name]?.toString() ?? '';
  written.stop = (options.stop ?? []).map((text) => text.replaceAll('\n', '\\n')).join('\n');
  if (options.jsonSchema != null) written.jsonSchema = JSON.stringify(options.jsonSchema, null, 2);
  return written;
}

/** What a person has written, as the server takes it, and what is wrong with what it would not take. */
export function readOptions(written: WrittenOptions): { options: AnswerOptions; faults: OptionFaults } {
  const options: AnswerOptions = {};
  const faults: OptionFaults = {};
  for (const name of NUMBERS) {
    const text = written[name].trim();
    if (text === '') continue;
    const { min, max, isWhole } = RANGES[name];
    const number = readNumber(text, isWhole);
    if (number >= min && number <= max && (!isWhole || Number.isInteger(number))) options[name] = number;
    else faults[name] = isWhole ? texts.options.wholeBetween(min, max) : texts.options.between(min, max);
  }
  // A line each; what ends a line is written as it is in most languages for programs.
  const stop = written.stop.split('\n').flatMap((line) => (line === '' ? [] : [line.replaceAll('\\n', '\n')]));
  if (stop.length > MOST_STOPS || stop.some((text) => text.length > LONGEST_STOP)) {
    faults.stop = texts.options.stops(MOST_STOPS, LONGEST_STOP);
  } else if (stop.length > 0) options.stop = stop;
  if (written.jsonSchema.trim() !== '') {
    const read = readSchema(written.jsonSchema);
    if ('fault' in read) faults.jsonSchema = read.fault;
    else options.jsonSchema = read.schema;
  }
  return { options, faults };
}

/** Thousands in groups, as the hints beside the fields have them, or a comma before decimals: German, among others, has it. */
function readNumber(text: string, isWhole: boolean): number {
  if (isWhole && /^[-+]?\d{1,3}(?:[.,'’\s]\d{3})+$/.test(text)) return Number(text.replaceAll(/[.,'’\s]/g, ''));
  return /^[-+]?(?:\d+[.,]?\d*|[.,]\d+)$/.test(text) ? Number(text.replace(',', '.')) : Number.NaN;
}

function readSchema(text: string): { schema: object } | { fault: string } {
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch (error) {
    return { fault: texts.options.noJson(lineOf(error, text)) };
  }
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return { fault: texts.options.noObject };
  if (JSON.stringify(schema).length > LONGEST_SCHEMA) return { fault: texts.options.longSchema(LONGEST_SCHEMA) };
  return { schema };
}

/** The line where reading failed; null where the browser does not say. */
function lineOf(error: unknown, text: string): number | null {
  const position = /position (\d+)/.exec(String(error))?.[1];
  const line = /line (\d+)/.exec(String(error))?.[1];
  if (line) return Number(line);
  return position ? text.slice(0, Number(position)).split('\n').length : null;
}
