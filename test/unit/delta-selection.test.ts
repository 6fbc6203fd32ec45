import {
  type ExecutionResult,
  executeSubscriptionEvent,
  parse,
  type ValidatedSubscriptionArgs,
  validate,
  validateSubscriptionArgs,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';
import type { TurnEvent } from '../../src/ports/event-log.ts';
import { compileDeltaSelection, createFrameRenderer, isHot, renderData } from '../../src/transport/delta-selection.ts';

const TURN_ID = '01a1fc20-a047-72c0-b826-0e5d0258b53e';
const EVENTS: TurnEvent[] = [
  { type: 'turn-delta', turnId: TURN_ID, cursor: 7, text: 'a "quoted"\n\u2028 😀 \ud83d', offset: 5 },
  { type: 'turn-reasoning', turnId: TURN_ID, cursor: 9, text: 'why' },
];
const CONTEXT = { viewer: { userId: TURN_ID, isAdmin: false }, credentialRefused: false, services: {}, prisma: {} };

function validated(source: string, variableValues: Record<string, unknown> = {}): ValidatedSubscriptionArgs {
  const document = parse(source);
  expect(validate(schema, document)).toEqual([]);
  const args = validateSubscriptionArgs({ schema, document, contextValue: CONTEXT, variableValues });
  if (!('schema' in args)) throw new Error(JSON.stringify(args));
  return args;
}

const on = (selection: string, head = '') => `subscription ${head} { turn(id: "x") { ${selection} } }`;

const SELECTIONS: [string, string, Record<string, unknown>?][] = [
  ['plain fields', on('__typename turnId cursor ... on TurnDelta { text offset } ... on TurnReasoning { text }')],
  ['an aliased root', 'subscription { answer: turn(id: "x") { at: cursor kind: __typename } }'],
  ['other aliases for each type', on('... on TurnDelta { piece: text } ... on TurnReasoning { thought: text cursor }')],
  ['nothing of the text', on('cursor')],
  ['nothing that a delta has', on('... on TurnFinished { finishReason }')],
  [
    'fragments within fragments',
    `${on('...F')} fragment F on TurnEvent { ...G cursor ... { turnId } } fragment G on TurnDelta { text cursor }`,
  ],
  ['the interface as a condition', on('... on TurnEvent { cursor } ... on TurnDelta { cursor text }')],
  ['a field twice', on('cursor cursor ... on TurnDelta { text cursor text }')],
  [
    'skip and include',
    on('cursor @skip(if: true) turnId @include(if: true) ... on TurnDelta @include(if: false) { text }'),
  ],
  [
    'conditions by variable',
    on('cursor @skip(if: $a) ... on TurnDelta @include(if: $a) { text }', '($a: Boolean!)'),
    { a: true },
  ],
  ['a condition by a default', on('cursor @skip(if: $a) turnId', '($a: Boolean! = false)')],
  ['fields of other events beside', on('... on TurnFinished { message { id content } } ... on TurnDelta { offset }')],
];

describe('the compiled selection of text events', () => {
  it.each(SELECTIONS)('answers %s as the executor does', async (_name, source, variables) => {
    const args = validated(source, variables);
    const selection = compileDeltaSelection(args);
    if (!selection) throw new Error('not compiled');
    const render = createFrameRenderer(selection, 'operation "1"');
    for (const event of EVENTS) {
      if (!isHot(event)) throw new Error('not hot');
      const expected = (await executeSubscriptionEvent({ ...args, rootValue: event })) as ExecutionResult;
      expect(expected.errors).toBeUndefined();
      expect(renderData(selection, event)).toEqual(JSON.parse(JSON.stringify(expected.data)));
      expect(JSON.parse(render(event))).toEqual({
        id: 'operation "1"',
        type: 'next',
        payload: { data: JSON.parse(JSON.stringify(expected.data)) },
      });
      // The order of the keys as well.
      expect(JSON.stringify(JSON.parse(render(event)).payload)).toBe(JSON.stringify({ data: expected.data }));
    }
  });

  it('leaves subscriptions of other things to the executor', () => {
    expect(compileDeltaSelection(validated('subscription { conversationChanged { id } }'))).toBeNull();
  });
});
