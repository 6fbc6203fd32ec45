import type { PrismaClient } from '../generated/prisma/client.ts';
import type { Context, Services } from '../graphql/context.ts';
import type { Viewer } from '../services/accounts/viewer.ts';
import type { Credential } from './credentials.ts';

export type ContextDependencies = { prisma: PrismaClient; services: Services };

export type ContextFactory = ReturnType<typeof createContextFactory>;

/** Makes the context of an operation from what was sent to say who asks, and where it comes from. */
export function createContextFactory({ prisma, services }: ContextDependencies) {
  function authenticate({ type, text }: Credential, ip: string | null): Promise<Viewer | null> {
    if (text === null) return Promise.resolve(null);
    return type === 'key' ? services.keys.authenticate(text, ip) : services.sessions.authenticate(text);
  }

  return async (credential: Credential | null, signal?: AbortSignal, ip: string | null = null): Promise<Context> => {
    const viewer = credential && (await authenticate(credential, ip));
    const credentialRefused = credential && !viewer ? credential.type : null;
    return { viewer, credentialRefused, ip, prisma, services, ...(signal && { signal }) };
  };
}
