import type { AuditEventsQuery } from '@colloquy/sdk';
import { formatNumber } from '../../texts/language.ts';
import { texts } from '../../texts/texts.ts';
import { formatExactTime } from '../../util/amounts.ts';
import { shownName } from '../../util/shown-name.ts';

export type AuditEvent = AuditEventsQuery['auditEvents']['edges'][number]['node'];

export type AuditKind = keyof typeof texts.admin.audit.kinds;

/** The details whose values are words of the server. */
const WORDED = new Set(['role', 'reason', 'judged', 'verdict']);

const known = (words: Record<string, string>, name: string): string | undefined =>
  Object.hasOwn(words, name) ? words[name] : undefined;

/** What was done, in words. What a newer server records is shown as it is. */
export const actionOf = ({ action }: Pick<AuditEvent, 'action'>): string =>
  known(texts.admin.audit.actions, action) ?? action;

/** What an action is about: the beginning of its name. */
export function kindOf({ action }: Pick<AuditEvent, 'action'>): AuditKind {
  const kinds = Object.keys(texts.admin.audit.kinds) as AuditKind[];
  return kinds.find((kind) => action.startsWith(`${kind}-`)) ?? 'server';
}

/** Only what nobody is called who has signed in: accounts are shown by their names. */
export const actorOf = ({ actor, actorId }: Pick<AuditEvent, 'actor' | 'actorId'>): string =>
  (actorId === null ? known(texts.admin.audit.actors, actor) : undefined) ?? shownName(actor);

/** What was recorded of it besides, a name and a value each. */
export function detailsOf({ detail }: Pick<AuditEvent, 'detail'>): { name: string; value: string }[] {
  if (typeof detail !== 'object' || detail === null) return [];
  return Object.entries(detail).map(([field, value]) => ({
    name: known(texts.admin.audit.details, field) ?? field,
    value: shownValue(field, value),
  }));
}

function shownValue(field: string, value: unknown): string {
  const { values, words } = texts.admin.audit;
  if (value === null || value === undefined) return values.none;
  if (typeof value === 'boolean') return value ? values.yes : values.no;
  if (typeof value === 'number') return formatNumber(value, 3);
  if (typeof value === 'object') return JSON.stringify(value);
  const text = String(value);
  if (field === 'expiresAt' && !Number.isNaN(Date.parse(text))) return formatExactTime(text);
  // Names and addresses are what somebody has written, whatever they say.
  return (WORDED.has(field) ? known(words, text) : undefined) ?? shownName(text);
}
