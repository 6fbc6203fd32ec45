import { texts } from '../../texts/texts.ts';
import { formatExactTime } from '../../util/amounts.ts';
import styles from './audit-details.module.css';
import { type AuditEvent, actionOf, detailsOf } from './audit-event.ts';

/** What was done, which opens to all that was recorded of it. */
export function AuditDetails({ event }: { event: AuditEvent }) {
  const words = texts.admin.audit;
  return (
    <details className={styles.details}>
      <summary>{actionOf(event)}</summary>
      <dl>
        {detailsOf(event).map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        {event.ip && (
          <div>
            <dt>{words.ip}</dt>
            <dd>{event.ip}</dd>
          </div>
        )}
        <div>
          <dt>{words.exactly}</dt>
          <dd>{formatExactTime(event.at)}</dd>
        </div>
        <div>
          <dt>{words.code}</dt>
          <dd>
            <code>{event.action}</code>
          </dd>
        </div>
      </dl>
    </details>
  );
}
