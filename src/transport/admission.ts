import type { Context } from '../graphql/context.ts';
import type { RequestLimits } from '../services/limits/requests.ts';
import type { Credential } from './credentials.ts';
import type { ContextFactory } from './request-context.ts';

export type OperationAdmission = ReturnType<typeof createOperationAdmission>;

export type AdmissionDependencies = { createContext: ContextFactory; requests: RequestLimits };

/** Counts what is asked for: every operation, whatever it comes over, every socket, every upload and every download. */
export function createOperationAdmission({ createContext, requests }: AdmissionDependencies) {
  async function takeOfViewer({ viewer }: Context): Promise<void> {
    if (!viewer) return;
    const { userId, key } = viewer;
    const refusal = await requests.ofUser({ userId, requestsPerMinute: key?.limits.requestsPerMinute ?? null });
    if (refusal) throw refusal;
  }

  async function takeOfAddress(ip: string | null): Promise<void> {
    const refusal = await requests.fromAddress(ip);
    if (refusal) throw refusal;
  }

  return {
    /** Counts a socket before its credentials are looked up: who has none may guess. Throws RATE_LIMITED. */
    connect: takeOfAddress,
    /** The context of an operation, looked up while its address is counted. Throws RATE_LIMITED. */
    async begin(credential: Credential | null, ip: string | null): Promise<Context> {
      const counted = requests.fromAddress(ip);
      // Known here: then its credentials cost nothing either.
      if (counted instanceof Error) throw counted;
      const context = await createContext(credential, undefined, ip);
      const refusal = await counted;
      if (refusal) throw refusal;
      await takeOfViewer(context);
      return context;
    },
    /** Counts one for a context that is known already. Throws RATE_LIMITED. */
    async count(context: Context): Promise<void> {
      await takeOfAddress(context.ip);
      await takeOfViewer(context);
    },
  };
}
