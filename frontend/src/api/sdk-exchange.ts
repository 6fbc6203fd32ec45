import type { Client } from '@colloquy/sdk';
import { type Exchange, makeErrorResult, makeResult, type Operation, type OperationResult } from 'urql';
import { filter, make, mergeMap, pipe, type Source, takeUntil } from 'wonka';

/** Carries urql's operations over the SDK, which knows about credentials, sockets and their renewal. */
export function sdkExchange(client: Client): Exchange {
  return () => (operations) => {
    const asked = filter((operation: Operation) => operation.kind !== 'teardown')(operations);
    const answer = (operation: Operation) =>
      pipe(
        run(client, operation),
        takeUntil(filter((other: Operation) => other.kind === 'teardown' && other.key === operation.key)(operations)),
      );
    return mergeMap(answer)(asked);
  };
}

function run(client: Client, operation: Operation): Source<OperationResult> {
  return make(({ next, complete }) => {
    const controller = new AbortController();
    const { signal } = controller;
    const variables = operation.variables ?? {};
    const work = operation.kind === 'subscription' ? listen : ask;
    work().then(complete, (error: Error) => {
      if (signal.aborted) return;
      next(makeErrorResult(operation, error));
      complete();
    });
    return () => controller.abort();

    async function ask(): Promise<void> {
      const data = await client.query(operation.query, variables, { signal });
      next(makeResult(operation, { data, hasNext: false }));
    }

    async function listen(): Promise<void> {
      for await (const data of client.subscribe(operation.query, variables, { signal })) {
        next(makeResult(operation, { data, hasNext: true }));
      }
    }
  });
}
