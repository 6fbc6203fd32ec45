import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { AppError } from '../errors.ts';
import type { Context } from './context.ts';

/** Why somebody may not do what they ask for. */
export function unauthorized({ viewer, credentialRefused }: Pick<Context, 'viewer' | 'credentialRefused'>): AppError {
  if (viewer?.key) {
    const message = 'An API key may not do this. A person has to sign in for it.';
    return new AppError({ code: 'FORBIDDEN', message });
  }
  if (viewer) return new AppError({ code: 'FORBIDDEN', message: 'Only an admin may do this.' });
  return new AppError({ code: 'UNAUTHENTICATED', message: SIGN_IN[credentialRefused ?? 'none'] });
}

const SIGN_IN = {
  none: 'Sign in first.',
  session: 'This sign-in has ended. Sign in again.',
  key: 'This API key is unknown, has expired or was deactivated.',
} as const;

type RootOptions = { skipTypeScopes?: boolean; authScopes?: unknown };

/**
 * Asks for a viewer before the arguments are looked at: who has not signed in is told so, not what is wrong with the
 * input. Fields with `skipTypeScopes` are open. The scopes of the types ask the same once more. An API key may do what
 * asks for a `caller` and nothing else, so that a new field is closed to keys.
 */
export function requireViewer(schema: GraphQLSchema): GraphQLSchema {
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      const options = field.extensions.pothosOptions as RootOptions | undefined;
      if (options?.skipTypeScopes) continue;
      const isForKeys = asksForCaller(options?.authScopes);
      if (field.resolve) field.resolve = signedIn(field.resolve, isForKeys);
      if (field.subscribe) field.subscribe = signedIn(field.subscribe, isForKeys);
    }
  }
  return schema;
}

function asksForCaller(scopes: unknown): boolean {
  return typeof scopes === 'object' && scopes !== null && (scopes as { caller?: unknown }).caller === true;
}

function signedIn(
  resolve: GraphQLFieldResolver<unknown, Context>,
  isForKeys: boolean,
): GraphQLFieldResolver<unknown, Context> {
  return (parent, args, context, info) => {
    if (!context.viewer || (context.viewer.key && !isForKeys)) throw unauthorized(context);
    return resolve(parent, args, context, info);
  };
}
