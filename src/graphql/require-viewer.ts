import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { AppError } from '../errors.ts';
import type { Context } from './context.ts';

/** Why somebody may not do what they ask for. */
export function unauthorized({ viewer, credentialRefused }: Pick<Context, 'viewer' | 'credentialRefused'>): AppError {
  if (viewer) return new AppError({ code: 'FORBIDDEN', message: 'Only an admin may do this.' });
  const message = credentialRefused ? 'This sign-in has ended. Sign in again.' : 'Sign in first.';
  return new AppError({ code: 'UNAUTHENTICATED', message });
}

/**
 * Asks for a viewer before the arguments are looked at: who has not signed in is told so, not what is wrong with the
 * input. Fields with `skipTypeScopes` are open. The scopes of the types ask the same once more.
 */
export function requireViewer(schema: GraphQLSchema): GraphQLSchema {
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      const options = field.extensions.pothosOptions as { skipTypeScopes?: boolean } | undefined;
      if (options?.skipTypeScopes) continue;
      if (field.resolve) field.resolve = signedIn(field.resolve);
      if (field.subscribe) field.subscribe = signedIn(field.subscribe);
    }
  }
  return schema;
}

function signedIn(resolve: GraphQLFieldResolver<unknown, Context>): GraphQLFieldResolver<unknown, Context> {
  return (parent, args, context, info) => {
    if (!context.viewer) throw unauthorized(context);
    return resolve(parent, args, context, info);
  };
}
