import type { GraphQLError } from 'graphql';
import { presentError } from '../graphql/errors.ts';
import type { Metrics } from '../ports/metrics.ts';
import { createOpenCount, type OpenCount } from '../util/open-count.ts';

export type OperationType = 'query' | 'mutation' | 'subscription' | 'invalid';

/** Counts operations of the graph, over whatever transport they come. */
export type OperationMetrics = {
  /** A query or mutation was answered, a subscription begun or refused. */
  count(type: OperationType, errors: readonly GraphQLError[] | undefined): void;
  /** A document was sent that cannot be run. */
  refused(errors: readonly GraphQLError[]): void;
  /** A subscription to this field goes on until what this returns is called. */
  open(field: string): () => void;
  /** Those that are open, by field. */
  openCounts(): Map<string, number>;
};

export function createOperationMetrics(metrics: Metrics): OperationMetrics {
  const operations = metrics.counter({
    name: 'graphql_operations_total',
    help: 'Operations of the graph; subscriptions when they begin. code is that of the first error, or OK.',
    labels: ['type', 'code'],
  });
  // As many as the schema has subscriptions.
  const opened = new Map<string, OpenCount>();

  function count(type: OperationType, errors: readonly GraphQLError[] | undefined): void {
    operations.add({ type, code: errors?.[0] ? codeOf(errors[0]) : 'OK' });
  }

  return {
    count,
    refused: (errors) => count('invalid', errors),
    open(field) {
      const count = opened.get(field) ?? createOpenCount();
      opened.set(field, count);
      return count.open();
    },
    openCounts: () => new Map([...opened].map(([field, { count }]) => [field, count()])),
  };
}

function codeOf(error: GraphQLError): string {
  // It is logged where it is presented to the client.
  return String(presentError(error, () => {}).extensions.code);
}
