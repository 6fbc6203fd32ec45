import { useEffect, useState } from 'react';
import { messageOf } from '../../api/api-error.ts';
import { texts } from '../../texts/texts.ts';
import { Said } from '../../ui/said.tsx';
import { useStore } from '../../util/store.ts';
import type { AdminSectionProps } from '../section-props.ts';
import { CacheCard } from './cache-card.tsx';
import { HealthList } from './health-list.tsx';
import { LiveCharts } from './live-charts.tsx';
import { createLiveFigures } from './live-figures.ts';
import styles from './overview.module.css';
import { Totals } from './totals.tsx';

/** How the server is doing, now and over the last minutes. */
export function OverviewSection({ workspace }: AdminSectionProps) {
  const [figures] = useState(() => createLiveFigures(workspace.client));
  const state = useStore(figures.store, (current) => current);
  useEffect(() => figures.start(), [figures]);
  const words = texts.admin.overview;
  const error = state.error ?? state.pushError;
  const trouble = state.isLost ? words.lost : error ? messageOf(error) : null;
  return (
    <div className={styles.overview}>
      <h2>{words.title}</h2>
      {/* Always there, so that what comes into it is announced. */}
      <div role="status">
        {trouble && (
          <p className={styles.trouble}>
            <Said>{trouble}</Said>
          </p>
        )}
      </div>
      <HealthList health={state.health} servers={state.system?.instances ?? null} />
      <Totals system={state.system} />
      <LiveCharts state={state} />
      <CacheCard workspace={workspace} cache={state.observability?.cache ?? null} />
    </div>
  );
}
