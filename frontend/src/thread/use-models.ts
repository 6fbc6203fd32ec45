import { ModelsDocument, type ModelsQuery } from '@colloquy/sdk';
import { useCallback, useState } from 'react';
import { useQuery } from 'urql';
import { isString, memory } from '../util/memory.ts';

export type Model = ModelsQuery['models'][number];

export type ModelChoice = {
  models: readonly Model[];
  /** What the next prompt is sent to; null: the server's default. */
  model: string | null;
  /** What it goes to in any case, as far as that is known. */
  shown: string | null;
  /** Whether nothing but the built-in answerer is there. */
  isBare: boolean;
  choose: (model: string) => void;
};

const CHOICE_KEY = 'colloquy.model';

/** The models that can chat, and the one that is asked: chosen here, else that of the conversation, else the last chosen. */
export function useModels(ofConversation: string | null): ModelChoice {
  const [{ data }] = useQuery({ query: ModelsDocument, variables: { provider: null } });
  const [chosen, setChosen] = useState<string | null>(null);
  const models = (data?.models ?? []).filter(({ embedding }) => !embedding);
  const remembered = memory.read(CHOICE_KEY, isString);
  const known = models.some(({ id }) => id === remembered) ? remembered : null;
  const model = chosen ?? ofConversation ?? known;
  const choose = useCallback((id: string) => {
    memory.write(CHOICE_KEY, id);
    setChosen(id);
  }, []);
  return {
    models,
    model,
    shown: model ?? models.find(({ isDefault }) => isDefault)?.id ?? null,
    isBare: models.length > 0 && models.every(({ provider }) => provider === 'BUILTIN'),
    choose,
  };
}
