import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import type { Operation } from './transport.ts';

export type Document<Result, Variables> = TypedDocumentNode<Result, Variables>;

type Printed = Omit<Operation, 'variables'>;

const printed = new WeakMap<object, Printed>();

/** A document as it travels. Printed once, however often it is used. */
export function operationOf(document: Document<unknown, never>, variables: object = {}): Operation {
  let known = printed.get(document);
  if (!known) {
    const operation = document.definitions.find((definition) => definition.kind === 'OperationDefinition');
    known = { query: print(document), operationName: operation?.name?.value };
    printed.set(document, known);
  }
  return { ...known, variables: variables as Record<string, unknown> };
}
