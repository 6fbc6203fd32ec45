import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { environmentSchema } from '../../src/config.ts';

type Entry = { name: string; value: string; description: string };

/** A variable is a commented assignment; the comment lines right above it describe it. */
function readExample(): Entry[] {
  const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
  return text.split('\n\n').flatMap((block) => {
    const lines = block.trim().split('\n');
    const assignment = /^# ([A-Z0-9_]+)=(.*)$/.exec(lines.pop() ?? '');
    if (!assignment) return [];
    const description = lines.map((line) => line.replace(/^# /, '')).join(' ');
    return [{ name: assignment[1] ?? '', value: assignment[2] ?? '', description }];
  });
}

const example = readExample();
const defaults: Record<string, unknown> = environmentSchema.parse({});

test('.env.example names every variable of the schema, in its order', () => {
  expect(example.map(({ name }) => name)).toEqual(Object.keys(environmentSchema.shape));
});

test.each(example)(
  '.env.example describes $name as the schema does, with its default',
  ({ name, value, description }) => {
    const schema = environmentSchema.shape[name as keyof typeof environmentSchema.shape];
    expect(description).toBe(schema?.description);
    const parsed: Record<string, unknown> = environmentSchema.parse({ [name]: value });
    expect(parsed[name]).toEqual(defaults[name]);
    // A value that only happens to parse to nothing would be a trap when it is uncommented.
    if (defaults[name] === undefined) expect(value).toBe('');
  },
);
