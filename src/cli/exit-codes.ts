/** What the code that a command ends with says to scripts. */
export const EXIT = {
  done: 0,
  failed: 1,
  /** It was called in a way that nobody can understand, or with what cannot be used. */
  usage: 2,
  /** Nobody is signed in, or whoever is may not do it. */
  refused: 3,
  missing: 4,
  unreachable: 5,
  /** As shells tell of a program that Ctrl-C ended. */
  interrupted: 130,
} as const;

const CODES: Record<string, number> = {
  BAD_USER_INPUT: EXIT.usage,
  UNAUTHENTICATED: EXIT.refused,
  FORBIDDEN: EXIT.refused,
  NOT_FOUND: EXIT.missing,
  UNREACHABLE: EXIT.unreachable,
};

/** For a code of the graph, or UNREACHABLE. */
export function exitCodeFor(code: string): number {
  return CODES[code] ?? EXIT.failed;
}

/** An expected end of a command: its message is for a person. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed, cause?: unknown) {
    super(message, { cause });
    this.name = 'Failure';
    this.exitCode = exitCode;
  }
}
