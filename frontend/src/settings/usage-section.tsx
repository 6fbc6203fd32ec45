import { UserStatsDocument, type UserStatsQuery } from '@colloquy/sdk';
import { useState } from 'react';
import { useQuery } from 'urql';
import { formatNumber } from '../texts/language.ts';
import { texts } from '../texts/texts.ts';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { FigureTiles } from '../ui/figure-tiles.tsx';
import { ReadState } from '../ui/read-state.tsx';
import { formatBytes, formatMilliseconds } from '../util/amounts.ts';
import styles from './settings.module.css';
import { UsageByDay } from './usage-by-day.tsx';

type Usage = UserStatsQuery['stats']['user'];
type ModelUsage = Usage['byModel'][number] & { id: string };

const modelColumns = (): Column<ModelUsage>[] => {
  const words = texts.settings.usage;
  return [
    { key: 'model', head: words.model, cell: ({ model }) => model },
    { key: 'turns', head: words.answers, cell: ({ turns }) => formatNumber(turns), isNumber: true },
    { key: 'prompt', head: words.promptTokens, cell: ({ promptTokens }) => formatNumber(promptTokens), isNumber: true },
    {
      key: 'completion',
      head: words.completionTokens,
      cell: ({ completionTokens }) => formatNumber(completionTokens),
      isNumber: true,
    },
    {
      key: 'first',
      head: words.firstToken,
      cell: ({ meanFirstTokenMs }) => (meanFirstTokenMs === null ? '—' : formatMilliseconds(meanFirstTokenMs)),
      isNumber: true,
    },
  ];
};

/** What somebody has here, and what their answers have taken. */
export function UsageSection() {
  const [days, setDays] = useState<30 | 90>(30);
  const [{ data, error, fetching }, read] = useQuery({
    query: UserStatsDocument,
    variables: { days },
    requestPolicy: 'cache-and-network',
  });
  const words = texts.settings.usage;
  const usage = data?.stats.user;
  return (
    <>
      <h2>{words.title}</h2>
      {usage ? (
        <div className={styles.usage}>
          <p className={styles.note}>{words.note}</p>
          <FigureTiles label={words.totals} figures={figuresOf(usage)} />
          <UsageByDay byDay={usage.byDay} days={days} onDays={setDays} />
          <section className={styles.models} aria-labelledby="models-title">
            <h3 id="models-title">{words.byModel}</h3>
            {usage.byModel.length === 0 ? (
              <p className={styles.note}>{words.none}</p>
            ) : (
              <DataTable
                label={words.byModel}
                columns={modelColumns()}
                rows={usage.byModel.map((model) => ({ ...model, id: model.model }))}
              />
            )}
          </section>
        </div>
      ) : (
        <ReadState
          isLoading={fetching}
          error={error?.networkError ?? error}
          onRetry={() => read({ requestPolicy: 'network-only' })}
        />
      )}
    </>
  );
}

function figuresOf(usage: Usage) {
  const words = texts.settings.usage;
  const today = usage.byDay.at(-1);
  return [
    { label: words.today, value: formatNumber(today ? today.promptTokens + today.completionTokens : 0) },
    { label: words.answers, value: formatNumber(usage.turns) },
    { label: words.promptTokens, value: formatNumber(usage.promptTokens) },
    { label: words.completionTokens, value: formatNumber(usage.completionTokens) },
    { label: words.conversations, value: formatNumber(usage.conversations) },
    { label: words.messages, value: formatNumber(usage.messages) },
    { label: words.files, value: formatNumber(usage.files) },
    { label: words.storage, value: formatBytes(usage.storageBytes), of: formatBytes(usage.storageLimitBytes) },
  ];
}
