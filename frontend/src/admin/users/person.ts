import type { PersonFieldsFragment } from '@colloquy/sdk';

/** An account as administrators see it. */
export type Person = PersonFieldsFragment;
