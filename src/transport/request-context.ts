import type { PrismaClient } from '../generated/prisma/client.ts';
import type { Context, Services } from '../graphql/context.ts';

export type ContextDependencies = { prisma: PrismaClient; services: Services };

export type ContextFactory = ReturnType<typeof createContextFactory>;

/** Makes the context of an operation from the value of an Authorization header, and where it comes from. */
export function createContextFactory({ prisma, services }: ContextDependencies) {
  return async (
    authorization: string | null | undefined,
    signal?: AbortSignal,
    ip: string | null = null,
  ): Promise<Context> => {
    const token = bearerToken(authorization);
    const viewer = token ? await services.sessions.authenticate(token) : null;
    const credentialRefused = Boolean(authorization?.trim()) && viewer === null;
    return { viewer, credentialRefused, ip, prisma, services, ...(signal && { signal }) };
  };
}

function bearerToken(authorization: string | null | undefined): string | null {
  return /^Bearer +(\S+)$/i.exec(authorization?.trim() ?? '')?.[1] ?? null;
}
