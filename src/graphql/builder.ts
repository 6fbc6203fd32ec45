import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import ValidationPlugin from '@pothos/plugin-validation';
import { AppError } from '../errors.ts';
import type PrismaTypes from '../generated/pothos-prisma-types.ts';
import { getDatamodel } from '../generated/pothos-prisma-types.ts';
import type { Context, PersonContext, SignedInContext } from './context.ts';
import { COST_LIMITS, costFault } from './cost.ts';
import { decodeAnyId, encodeId } from './ids.ts';
import { unauthorized } from './require-viewer.ts';
import type { Upload } from './upload.ts';

/**
 * Default deny: the three root types ask for a signed-in viewer, and what is open to all says so itself. API keys may
 * only do what is marked with `caller`; see require-viewer.ts. Ownership is in the condition of every read.
 */
export const builder = new SchemaBuilder<{
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  Context: Context;
  PrismaTypes: PrismaTypes;
  AuthScopes: {
    /** A person, or a program with an API key. */
    caller: boolean;
    /** A person. */
    user: boolean;
    admin: boolean;
  };
  AuthContexts: { caller: SignedInContext; user: PersonContext; admin: PersonContext };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: unknown; Output: unknown };
    UUID: { Input: string; Output: string };
    Upload: { Input: Upload; Output: never };
  };
  Connection: { totalCount: () => Promise<number> };
}>({
  defaultFieldNullability: false,
  plugins: [ScopeAuthPlugin, ComplexityPlugin, ValidationPlugin, PrismaPlugin, RelayPlugin],
  scopeAuth: {
    authorizeOnSubscribe: true,
    authScopes: ({ viewer }) => ({
      caller: viewer !== null,
      user: viewer?.key === null,
      admin: viewer?.key === null && viewer.isAdmin,
    }),
    unauthorizedError: (_parent, context) => unauthorized(context),
  },
  complexity: {
    // Once for a subscription, when it begins, and not for each of its events.
    limit: ({ costChecked }) => (costChecked ? {} : COST_LIMITS),
    complexityError: (_kind, cost) => costFault(cost),
  },
  validation: {
    validationError: ({ issues }) => {
      const fields: Record<string, string> = {};
      for (const { path, message } of issues) {
        const field = path?.map((part) => (typeof part === 'object' ? part.key : part)).join('.') || 'input';
        fields[field] ??= message;
      }
      return new AppError({ code: 'BAD_USER_INPUT', message: Object.values(fields).join(' '), fields });
    },
  },
  prisma: { client: ({ prisma }) => prisma, dmmf: getDatamodel(), filterConnectionTotalCount: true },
  relay: {
    encodeGlobalID: (type, id) => encodeId(type, String(id)),
    decodeGlobalID: (globalId) => {
      const { type, id } = decodeAnyId(globalId);
      return { typename: type, id };
    },
    // In types/node.ts: with a limit, and with faults that name the argument.
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    clientMutationId: 'omit',
    cursorType: 'String',
  },
});

builder.queryType({ authScopes: { caller: true } });
builder.mutationType({ authScopes: { caller: true } });
builder.subscriptionType({ authScopes: { caller: true } });

builder.globalConnectionField('totalCount', (t) =>
  t.int({ description: 'Entries of the whole list.', resolve: ({ totalCount }) => totalCount() }),
);
