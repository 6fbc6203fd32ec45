import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  executeSubscriptionEvent,
  type ValidatedSubscriptionArgs,
  validateSubscriptionArgs,
} from 'graphql';
import { checkSubscriptionCost } from '../graphql/cost.ts';
import type { OpenCount } from '../util/open-count.ts';
import { compileDeltaSelection, type DeltaSelection, isHot, renderData } from './delta-selection.ts';

/** A subscription that has begun: its events as the services made them, and how each is answered. */
export type OpenSubscription = {
  source: AsyncIterator<unknown>;
  selection: DeltaSelection | null;
  execute(event: unknown): ExecutionResult | Promise<ExecutionResult>;
};

/** Begins a subscription. An ExecutionResult says why it could not begin. */
export async function openSubscription(args: ExecutionArgs): Promise<OpenSubscription | ExecutionResult> {
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
  };
}

/** A context of its own for every event: what the plugins remember in one would be stale in the next. */
function forEvent(validated: ValidatedSubscriptionArgs, event: unknown): ValidatedSubscriptionArgs {
  return { ...validated, rootValue: event, contextValue: { ...(validated.contextValue as object), costChecked: true } };
}

/** A subscription as results, for transports that know nothing of turns. */
export async function subscribeToResults(
  args: ExecutionArgs,
  turnStreams: OpenCount,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const opened = await openSubscription(args);
  if (!('source' in opened)) return opened;
  const { source, selection, execute } = opened;
  const closed = selection ? turnStreams.open() : () => {};
  const results: AsyncIterableIterator<ExecutionResult> = {
    async next() {
      const { value, done } = await source.next();
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
