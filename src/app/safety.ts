import { randomBytes } from 'node:crypto';
import type { Config } from '../config.ts';
import type { Models } from '../services/models/models.ts';
import { createComplete } from '../services/retrieval/complete.ts';
import { createGuard, type Guard } from '../services/safety/guard.ts';
import { createJudge } from '../services/safety/judge.ts';
import { createRecordRuling, type RecordRulingDependencies } from '../services/safety/record-ruling.ts';

export type SafetyDependencies = RecordRulingDependencies & {
  config: Config;
  models: Pick<Models, 'stream' | 'windowOf' | 'safetyModel'>;
  warn: (message: string, context: Record<string, unknown>) => void;
};

const SECOND_MS = 1_000;

/** The guard as the environment sets it. Null: nothing is judged. */
export function createAppGuard({ config, models, warn, ...deps }: SafetyDependencies): Guard | null {
  const { SAFETY_MODE: mode } = config;
  const { safetyModel: model } = models;
  if (mode === 'disabled' || !model) return null;
  return createGuard({
    mode,
    model,
    judge: createJudge({
      mode,
      model,
      complete: createComplete(models.stream),
      createNonce: () => randomBytes(8).toString('hex'),
      deadlineMs: config.SAFETY_TIMEOUT_SECONDS * SECOND_MS,
    }),
    windowOf: models.windowOf,
    refusal: config.SAFETY_REFUSAL,
    record: createRecordRuling(deps),
    warn,
  });
}
