import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  executeSubscriptionEvent,
  Kind,
  type SelectionSetNode,
  type ValidatedSubscriptionArgs,
  validateSubscriptionArgs,
} from 'graphql';
import { checkSubscriptionCost } from '../graphql/cost.ts';
import type { OpenCount } from '../util/open-count.ts';
import { compileDeltaSelection, type DeltaSelection, isHot, renderData } from './delta-selection.ts';
import type { OperationMetrics } from './operation-metrics.ts';

/** A subscription that has begun: its events as the services made them, and how each is answered. */
export type OpenSubscription = {
  source: AsyncIterator<unknown>;
  selection: DeltaSelection | null;
  execute(event: unknown): ExecutionResult | Promise<ExecutionResult>;
  /** Says that it has ended; a second call does nothing. */
  closed: () => void;
};

export type SubscriptionMetrics = Pick<OperationMetrics, 'count' | 'open'>;

/** Begins a subscription. An ExecutionResult says why it could not begin. */
export async function openSubscription(
  args: ExecutionArgs,
  metrics: SubscriptionMetrics,
): Promise<OpenSubscription | ExecutionResult> {
  const opened = await begin(args, metrics);
  metrics.count('subscription', 'source' in opened ? undefined : opened.errors);
  return opened;
}

async function begin(args: ExecutionArgs, metrics: SubscriptionMetrics): Promise<OpenSubscription | ExecutionResult> {
  const validated = validateSubscriptionArgs(args);
  if (!('schema' in validated)) return { errors: validated };
  const tooMuch = checkSubscriptionCost(validated);
  if (tooMuch) return { errors: [tooMuch] };
  const stream = await createSourceEventStream(validated);
  if (!(Symbol.asyncIterator in stream)) return stream;
  return {
    source: stream[Symbol.asyncIterator](),
    selection: compileDeltaSelection(validated),
    execute: (event) => executeSubscriptionEvent(forEvent(validated, event)),
    closed: metrics.open(fieldOf(validated)),
  };
}

/** A subscription has one field, which may stand in a fragment. */
function fieldOf({ operation, fragmentDefinitions }: ValidatedSubscriptionArgs): string {
  let selection = operation.selectionSet.selections[0];
  while (selection && selection.kind !== Kind.FIELD) {
    const spread: SelectionSetNode | undefined =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection.selectionSet
        : fragmentDefinitions[selection.name.value]?.selectionSet;
    selection = spread?.selections[0];
  }
  return selection?.name.value ?? 'other';
}

/** A context of its own for every event: what the plugins remember in one would be stale in the next. */
function forEvent(validated: ValidatedSubscriptionArgs, event: unknown): ValidatedSubscriptionArgs {
  return { ...validated, rootValue: event, contextValue: { ...(validated.contextValue as object), costChecked: true } };
}

/** A subscription as results, for transports that know nothing of turns. */
export async function subscribeToResults(
  args: ExecutionArgs,
  { turnStreams, operations }: { turnStreams: OpenCount; operations: SubscriptionMetrics },
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const opened = await openSubscription(args, operations);
  if (!('source' in opened)) return opened;
  const { source, selection, execute } = opened;
  const streamClosed = selection ? turnStreams.open() : () => {};
  const closed = () => {
    streamClosed();
    opened.closed();
  };
  const results: AsyncIterableIterator<ExecutionResult> = {
    async next() {
      const { value, done } = await source.next().catch((error: unknown) => {
        closed();
        throw error;
      });
      if (done) {
        closed();
        return { value: undefined, done: true };
      }
      const result = selection && isHot(value) ? { data: renderData(selection, value) } : await execute(value);
      return { value: result, done: false };
    },
    async return() {
      closed();
      await source.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => results,
  };
  return results;
}
