import type { HealthQuery } from '@colloquy/sdk';
import { inPageWords } from '../../texts/server-words.ts';
import { texts } from '../../texts/texts.ts';
import { HealthMark } from '../../ui/health-mark.tsx';
import { formatMilliseconds, formatSpan } from '../../util/amounts.ts';
import { StateCard, StateCards } from '../state-cards.tsx';
import styles from './overview.module.css';

type Health = HealthQuery['health'];
type Component = Health['components'][number];

type HealthListProps = {
  health: Health | null;
  /** How many share the database; null: not known yet. */
  servers: number | null;
};

/** What the server is made of, and how each part is. */
export function HealthList({ health, servers }: HealthListProps) {
  const words = texts.admin.overview;
  return (
    <section className={styles.health} aria-label={words.health}>
      <p className={styles.whole}>
        {health ? (
          <>
            <HealthMark state={health.status}>{words.states[health.status]}</HealthMark>
            <span>{words.version(health.version, formatSpan(health.uptimeSeconds), servers ?? 1)}</span>
          </>
        ) : (
          words.healthUnknown
        )}
      </p>
      {health && (
        <StateCards>
          {health.components.map((component) => (
            <StateCard
              key={component.name}
              name={nameOf(component)}
              state={component.status}
              word={words.states[component.status]}
              lines={[
                [
                  component.latencyMs === null ? null : formatMilliseconds(component.latencyMs),
                  component.message && inPageWords(component.message),
                ]
                  .filter(Boolean)
                  .join(' · '),
              ]}
            />
          ))}
        </StateCards>
      )}
    </section>
  );
}

/** The server may name one that is not known here. */
function nameOf({ name }: Component): string {
  const names: Record<string, string> = texts.admin.overview.components;
  return names[name] ?? name;
}
