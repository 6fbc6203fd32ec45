import type { ProvidersQuery } from '@colloquy/sdk';
import type { Read } from '../../api/use-read.ts';
import { inPageWords } from '../../texts/server-words.ts';
import { texts } from '../../texts/texts.ts';
import { Button } from '../../ui/button.tsx';
import { ReadState } from '../../ui/read-state.tsx';
import { Part } from '../part.tsx';
import { StateCard, StateCards } from '../state-cards.tsx';

type ProviderCardsProps = { read: Read<ProvidersQuery>; onRefresh: () => void };

/** How each provider of models is doing. */
export function ProviderCards({ read, onRefresh }: ProviderCardsProps) {
  const { data, error, isLoading } = read;
  const words = texts.admin.models.providers;
  const refresh = (
    <Button icon="regenerate" disabled={isLoading} onClick={onRefresh}>
      {words.refresh}
    </Button>
  );
  return (
    <Part title={words.title} actions={refresh} isBusy={isLoading}>
      {(!data || Boolean(error)) && <ReadState isLoading={isLoading} error={error} onRetry={onRefresh} />}
      {data && (
        <StateCards>
          {data.providers.map((status) => (
            <StateCard
              key={status.provider}
              name={texts.admin.models.names[status.provider]}
              state={status.state}
              word={words.states[status.state]}
              lines={[factsOf(status), status.breakerOpen && words.breaker]}
              trouble={status.message && inPageWords(status.message)}
            />
          ))}
        </StateCards>
      )}
    </Part>
  );
}

function factsOf(status: ProvidersQuery['providers'][number]): string {
  const { state, modelCount, latencyMs, activeTurns, waitingTurns, longestWaitMs } = status;
  const words = texts.admin.models.providers;
  const facts = [
    state !== 'DISABLED' && words.models(modelCount),
    latencyMs !== null && latencyMs > 0 && words.latency(latencyMs),
    activeTurns > 0 && words.active(activeTurns),
    waitingTurns > 0 && words.waiting(waitingTurns, Math.round(longestWaitMs / 1_000)),
  ];
  return facts.filter((fact) => fact !== false).join(' · ');
}
