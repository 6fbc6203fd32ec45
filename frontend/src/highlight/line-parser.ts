import type { StreamParser } from '@codemirror/streamparser';

/** What splits lines of a language into words. */
export type LineParser = StreamParser<unknown>;

/** Of a level, and of a tab. */
export const INDENT = 2;

/** Where a language begins. */
export function startState(parser: LineParser): unknown {
  return parser.startState?.(INDENT) ?? {};
}

/** For a line that starts in a state that others start in too. */
export function copyState(parser: LineParser, state: unknown): unknown {
  if (parser.copyState) return parser.copyState(state);
  if (typeof state !== 'object' || state === null) return state;
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => [name, Array.isArray(value) ? [...value] : value]),
  );
}
