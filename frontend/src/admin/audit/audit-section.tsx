import { AuditEventsDocument } from '@colloquy/sdk';
import { useState } from 'react';
import { useConnection } from '../../api/use-connection.ts';
import { texts } from '../../texts/texts.ts';
import { ConnectionList } from '../../ui/connection-list.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { formatExactTime, formatTime } from '../../util/amounts.ts';
import { shownName } from '../../util/shown-name.ts';
import cells from '../cells.module.css';
import { ListCount } from '../list-count.tsx';
import { ReloadButton } from '../reload-button.tsx';
import { SectionHead } from '../section-head.tsx';
import { AuditDetails } from './audit-details.tsx';
import { type AuditEvent, actorOf } from './audit-event.ts';
import { type AuditFilter, AuditFilters, EVERYTHING, isFiltered, matches } from './audit-filters.tsx';

const columns = (): Column<AuditEvent>[] => [
  { key: 'action', head: texts.admin.audit.action, cell: (event) => <AuditDetails event={event} /> },
  {
    key: 'target',
    head: texts.admin.audit.target,
    cell: ({ target }) => (target === null ? texts.admin.audit.none : shownName(target)),
  },
  {
    key: 'actor',
    head: texts.admin.audit.actor,
    cell: (event) => (
      <span className={cells.stack}>
        <span>{actorOf(event)}</span>
        {event.ip && <small>{event.ip}</small>}
      </span>
    ),
  },
  {
    key: 'at',
    head: texts.admin.audit.at,
    cell: ({ at }) => (
      <time dateTime={at} title={formatExactTime(at)}>
        {formatTime(at)}
      </time>
    ),
  },
];

/** Who has done what to the server, the newest first. */
export function AuditSection() {
  const words = texts.admin.audit;
  const read = useConnection(AuditEventsDocument, ({ auditEvents }) => auditEvents, {});
  const [filter, setFilter] = useState<AuditFilter>(EVERYTHING);
  return (
    <>
      <SectionHead title={words.title} about={<ListCount total={read.total} text={words.number} />}>
        <ReloadButton onReload={read.reload} />
      </SectionHead>
      <ConnectionList read={read} empty={words.empty}>
        {(events) => {
          const shown = isFiltered(filter) ? events.filter((event) => matches(filter, event)) : events;
          return (
            <>
              <AuditFilters
                events={events}
                shown={shown.length}
                total={read.total}
                filter={filter}
                onChange={setFilter}
              />
              {shown.length > 0 && <DataTable label={words.title} columns={columns()} rows={shown} />}
            </>
          );
        }}
      </ConnectionList>
    </>
  );
}
