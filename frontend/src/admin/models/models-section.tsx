import { ModelsDocument, ProvidersDocument } from '@colloquy/sdk';
import { useCallback, useEffect, useState } from 'react';
import { useRead } from '../../api/use-read.ts';
import { texts } from '../../texts/texts.ts';
import { SectionHead } from '../section-head.tsx';
import type { AdminSectionProps } from '../section-props.ts';
import { ModelList } from './model-list.tsx';
import { ModelVersions } from './model-versions.tsx';
import { ProviderCards } from './provider-cards.tsx';
import { PullForm } from './pull-form.tsx';
import { PullList } from './pull-list.tsx';
import { createPulls } from './pulls.ts';
import { Reindex } from './reindex.tsx';

/** Models: where they come from, which there are, how to get more, and which version of each is in use. */
export function ModelsSection({ workspace }: AdminSectionProps) {
  const [pulls] = useState(() => createPulls(workspace.client));
  // Also what the model picker of conversations knows.
  const models = useRead(ModelsDocument, ALL);
  const providers = useRead(ProvidersDocument, NONE);
  const ollama = providers.data?.providers.find(({ provider }) => provider === 'OLLAMA');
  const { reload: reloadModels } = models;
  const { reload: reloadProviders } = providers;
  const refresh = useCallback(() => {
    void reloadModels();
    void reloadProviders();
  }, [reloadModels, reloadProviders]);
  useEffect(() => pulls.start(refresh), [pulls, refresh]);
  return (
    <>
      <SectionHead title={texts.admin.models.title} about={texts.admin.models.about} />
      <ProviderCards read={providers} onRefresh={refresh} />
      <PullForm pulls={pulls} lacksOllama={ollama !== undefined && ollama.state !== 'OK'} />
      <PullList pulls={pulls} />
      <ModelList workspace={workspace} read={models} onRemoved={refresh} />
      <ModelVersions workspace={workspace} models={models.data?.models ?? []} />
      <Reindex workspace={workspace} />
    </>
  );
}

const ALL = { provider: null };
const NONE = {};
