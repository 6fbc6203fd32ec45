import type { Actor } from '../ports/audit-log.ts';

/** Whoever has the machine, as the audit log has it. */
export const COMMAND_LINE: Actor = { userId: null, name: 'command line', ip: null };
