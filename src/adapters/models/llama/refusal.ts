import type { FailureKind } from './messages.ts';

/** A call that fails for a reason that a person can understand. */
export class Refusal extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string) {
    super(message);
    this.name = 'Refusal';
    this.kind = kind;
  }
}
