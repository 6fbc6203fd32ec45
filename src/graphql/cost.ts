import { complexityFromQuery } from '@pothos/plugin-complexity';
import { GraphQLError, Kind, type ValidatedSubscriptionArgs } from 'graphql';
import { AppError } from '../errors.ts';

/** What one document may ask for. */
export const COST_LIMITS = { depth: 16, breadth: 500, complexity: 25_000 };

type Cost = typeof COST_LIMITS;

const MESSAGES: { [Name in keyof Cost]: (cost: number, limit: number) => string } = {
  depth: (cost, limit) => `The document is ${cost} levels deep; ${limit} are allowed.`,
  breadth: (cost, limit) => `The document selects ${cost} fields; ${limit} are allowed.`,
  complexity: (cost, limit) => `The document may read ${cost} values; ${limit} are allowed. Ask for smaller pages.`,
};

/** Why a document of this cost is refused: for the first limit that it passes. */
export function costFault(cost: Cost): AppError {
  const names = ['depth', 'breadth', 'complexity'] as const;
  const name = names.find((candidate) => cost[candidate] > COST_LIMITS[candidate]) ?? 'complexity';
  return new AppError({ code: 'BAD_USER_INPUT', message: MESSAGES[name](cost[name], COST_LIMITS[name]) });
}

/**
 * Checks a subscription when it begins: before anything is started for it, and not again for each of its events, which
 * are told by `costChecked` in their context.
 */
export function checkSubscriptionCost(args: ValidatedSubscriptionArgs): GraphQLError | null {
  const definitions = [args.operation, ...Object.values(args.fragmentDefinitions)];
  const { depth, breadth, complexity } = complexityFromQuery(
    { kind: Kind.DOCUMENT, definitions },
    { schema: args.schema, ctx: args.contextValue as object, variables: args.variableValues.coerced },
  );
  const cost = { depth, breadth, complexity };
  const within = depth <= COST_LIMITS.depth && breadth <= COST_LIMITS.breadth && complexity <= COST_LIMITS.complexity;
  if (within) return null;
  const fault = costFault(cost);
  return new GraphQLError(fault.message, { nodes: args.operation, originalError: fault });
}
