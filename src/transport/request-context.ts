import type { PrismaClient } from '../generated/prisma/client.ts';
import type { Context, Services } from '../graphql/context.ts';

export type ContextDependencies = { prisma: PrismaClient; services: Services };

export type ContextFactory = ReturnType<typeof createContextFactory>;

/** Makes the context of an operation from the value of an Authorization header. */
export function createContextFactory({ prisma, services }: ContextDependencies) {
  return async (authorization: string | null | undefined, signal?: AbortSignal): Promise<Context> => {
    const token = bearerToken(authorization);
    const viewer = token ? await services.sessions.authenticate(token) : null;
    const credentialRefused = Boolean(authorization?.trim()) && viewer === null;
    return { viewer, credentialRefused, prisma, services, ...(signal && { signal }) };
  };
}

function bearerToken(authorization: string | null | undefined): string | null {
  return /^Bearer +(\S+)$/i.exec(authorization?.trim() ?? '')?.[1] ?? null;
}
