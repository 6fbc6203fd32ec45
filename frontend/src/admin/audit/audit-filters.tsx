import { texts } from '../../texts/texts.ts';
import filters from '../list-filters.module.css';
import { type AuditEvent, type AuditKind, actorOf, kindOf } from './audit-event.ts';

/** Null: whatever it is. */
export type AuditFilter = { kind: AuditKind | null; actor: string | null };

export const EVERYTHING: AuditFilter = { kind: null, actor: null };

export const isFiltered = ({ kind, actor }: AuditFilter): boolean => kind !== null || actor !== null;

export const matches = ({ kind, actor }: AuditFilter, event: AuditEvent): boolean =>
  (kind === null || kindOf(event) === kind) && (actor === null || actorOf(event) === actor);

type AuditFiltersProps = {
  /** All that have been read. */
  events: readonly AuditEvent[];
  /** How many of them the filter lets through. */
  shown: number;
  total: number | null;
  filter: AuditFilter;
  onChange: (filter: AuditFilter) => void;
};

/** Narrows what has been read. The server does not filter, so that older events are not looked through; it says so. */
export function AuditFilters({ events, shown, total, filter, onChange }: AuditFiltersProps) {
  const words = texts.admin.audit;
  // What is chosen stays in the list, also where what has been read anew has none of it.
  const kinds = choices(events.map(kindOf), filter.kind).sort(byText((kind) => words.kinds[kind]));
  const actors = choices(events.map(actorOf), filter.actor).sort(byText((actor) => actor));
  return (
    <>
      <search className={filters.filters}>
        <select
          aria-label={words.filterByKind}
          value={filter.kind ?? ''}
          onChange={({ target }) => onChange({ ...filter, kind: kinds.find((kind) => kind === target.value) ?? null })}
        >
          <option value="">{words.anyKind}</option>
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {words.kinds[kind]}
            </option>
          ))}
        </select>
        <select
          aria-label={words.filterByActor}
          value={filter.actor ?? ''}
          onChange={({ target }) => onChange({ ...filter, actor: target.value || null })}
        >
          <option value="">{words.anyActor}</option>
          {actors.map((actor) => (
            <option key={actor} value={actor}>
              {actor}
            </option>
          ))}
        </select>
      </search>
      <p className={filters.note} role="status">
        {isFiltered(filter) && words.filtered(shown, events.length, total)}
      </p>
    </>
  );
}

const choices = <Value,>(found: readonly Value[], chosen: Value | null): Value[] => [
  ...new Set(chosen === null ? found : [...found, chosen]),
];

const byText =
  <Value,>(textOf: (value: Value) => string) =>
  (one: Value, other: Value): number =>
    textOf(one).localeCompare(textOf(other));
