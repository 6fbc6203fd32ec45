import { formatNumber } from '../../texts/language.ts';
import { texts } from '../../texts/texts.ts';
import { Badge } from '../../ui/badge.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { formatDay, formatLately, formatTime } from '../../util/amounts.ts';
import { shownName } from '../../util/shown-name.ts';
import cells from '../cells.module.css';
import { type Key, type KeyState, stateOf } from './key.ts';
import styles from './key-columns.module.css';

/** What the list of keys says of each. */
export function keyColumns(): Column<Key>[] {
  const words = texts.admin.keys;
  return [
    { key: 'client', head: words.client, cell: (key) => <Client apiKey={key} /> },
    {
      key: 'knowledge',
      head: words.knowledge,
      cell: ({ collection, systemPrompt }) => (
        <span className={cells.stack}>
          <span>{collection ? shownName(collection.name) : words.noCollection}</span>
          {systemPrompt && <small>{words.prompt(shownName(systemPrompt.name))}</small>}
        </span>
      ),
    },
    { key: 'usage', head: words.usage, cell: (key) => <Usage apiKey={key} /> },
    {
      key: 'lastUsed',
      head: words.lastUsed,
      cell: ({ lastUsedAt }) =>
        lastUsedAt === null ? (
          words.neverUsed
        ) : (
          <time dateTime={lastUsedAt} title={formatTime(lastUsedAt)}>
            {formatLately(lastUsedAt)}
          </time>
        ),
    },
    { key: 'state', head: words.state, cell: (key) => <State apiKey={key} /> },
  ];
}

type OfKey = { apiKey: Key };

function Client({ apiKey: { clientName, prefix, notes } }: OfKey) {
  return (
    <span className={cells.stack}>
      <span>{shownName(clientName)}</span>
      <code>{prefix}…</code>
      {notes && <small title={notes}>{notes}</small>}
    </span>
  );
}

function Usage({ apiKey: { clientName, tokensUsedToday, tokensPerDay, requestsPerMinute } }: OfKey) {
  const words = texts.admin.keys;
  return (
    <span className={cells.stack}>
      {tokensPerDay === null ? (
        <span>{formatNumber(tokensUsedToday)}</span>
      ) : (
        <>
          <span>{words.usedOf(tokensUsedToday, tokensPerDay)}</span>
          <span className={styles.bar} data-full={tokensUsedToday >= tokensPerDay || undefined}>
            <ProgressBar label={words.usageBar(shownName(clientName))} value={tokensUsedToday / tokensPerDay} />
          </span>
        </>
      )}
      {requestsPerMinute !== null && <small>{words.requests(requestsPerMinute)}</small>}
    </span>
  );
}

function State({ apiKey }: OfKey) {
  const words = texts.admin.keys;
  const state = stateOf(apiKey);
  const { at, text } = momentOf(apiKey, state);
  return (
    <span className={cells.stack}>
      <span>
        <Badge kind={state === 'active' ? 'good' : 'bad'}>{words.states[state]}</Badge>
      </span>
      <small title={formatTime(at)}>{text(formatDay(at))}</small>
    </span>
  );
}

/** The moment that matters most: when it has ended, when it will, or when it was made. */
function momentOf({ createdAt, expiresAt, deactivatedAt }: Key, state: KeyState) {
  const { until, made, since } = texts.admin.keys;
  if (state !== 'active') return { at: deactivatedAt ?? expiresAt ?? createdAt, text: since };
  return expiresAt === null ? { at: createdAt, text: made } : { at: expiresAt, text: until };
}
