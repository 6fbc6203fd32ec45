import type { PrismaClient } from '../generated/prisma/client.ts';
import type { RecordAudit } from '../ports/audit-log.ts';
import type { Bus } from '../ports/bus.ts';
import type { RateLimiter } from '../ports/rate-limiter.ts';
import { createRemoveBelongings, ownsSomething } from '../services/accounts/remove-belongings.ts';
import type { Sessions } from '../services/accounts/sessions.ts';
import type { Viewer } from '../services/accounts/viewer.ts';
import { createKeys } from '../services/keys/keys.ts';
import type { Prompts } from '../services/prompts/prompts.ts';
import { createId } from '../util/ids.ts';

export type AppKeysDependencies = {
  prisma: PrismaClient;
  bus: Bus;
  limiter: RateLimiter;
  record: RecordAudit;
  prompts: Pick<Prompts, 'create'>;
  sessions: Pick<Sessions, 'isLiving'>;
  stopTurn: (userId: string, turnId: string) => Promise<void>;
  removeFilesOf: (userId: string) => Promise<void>;
  now: () => Date;
  logError: (error: unknown) => void;
};

/** API keys, which own things as people do. */
export function createAppKeys({ prompts, sessions, ...deps }: AppKeysDependencies) {
  const removeBelongings = createRemoveBelongings(deps);
  const keys = createKeys({ ...deps, createId, createPrompt: prompts.create, removeBelongings, ownsSomething });
  return {
    keys,
    removeBelongings,
    /** Whether what somebody came with is good still. */
    isLiving: (credential: Viewer['credential']): Promise<boolean> =>
      credential.type === 'key' ? keys.isLiving(credential.keyId) : sessions.isLiving(credential.sessionId),
  };
}
