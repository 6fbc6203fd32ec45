import type { TurnEvent as Event, TurnFailure, TurnOutcome } from '../../ports/event-log.ts';
import { builder } from '../builder.ts';
import { encodeId } from '../ids.ts';
import { Citation } from './citation.ts';
import { FinishReason, Message, TurnError, Usage } from './message.ts';
import { Turn } from './turn.ts';

export const TurnEvent = builder.interfaceRef<Event>('TurnEvent').implement({
  description:
    'cursor is a position in the turn: TurnStarted is 1, TurnRetrieved 2, then every UTF-16 unit of text or reasoning counts 1 and every other event 1; an event’s cursor is the position after it. Exactly one TurnFinished or TurnFailed ends every turn.',
  fields: (t) => ({
    turnId: t.id({ resolve: ({ turnId }) => encodeId('Turn', turnId) }),
    cursor: t.exposeInt('cursor'),
  }),
  resolveType: typeNameOf,
});

/** The GraphQL type of an event. */
export function typeNameOf(event: Event): string {
  switch (event.type) {
    case 'turn-started':
      return 'TurnStarted';
    case 'turn-retrieved':
      return 'TurnRetrieved';
    case 'turn-delta':
      return 'TurnDelta';
    case 'turn-reasoning':
      return 'TurnReasoning';
    case 'turn-ended':
      return isFailure(event.outcome) ? 'TurnFailed' : 'TurnFinished';
  }
}

function isFailure(outcome: TurnOutcome): outcome is TurnOutcome & { error: TurnFailure } {
  return outcome.error !== null;
}

type EventOf<Type extends Event['type']> = Extract<Event, { type: Type }>;
type Failed = EventOf<'turn-ended'> & { outcome: { error: TurnFailure } };

builder.objectRef<EventOf<'turn-started'>>('TurnStarted').implement({
  interfaces: [TurnEvent],
  fields: (t) => ({
    turn: t.prismaField({
      type: Turn,
      resolve: (query, { turnId }, _args, { prisma }) =>
        prisma.turn.findUniqueOrThrow({ ...query, where: { id: turnId } }),
    }),
  }),
});

builder.objectRef<EventOf<'turn-retrieved'>>('TurnRetrieved').implement({
  description: 'Always sent, also when nothing was looked up.',
  interfaces: [TurnEvent],
  fields: (t) => ({
    citations: t.field({ type: [Citation], resolve: ({ retrieved }) => retrieved.citations }),
    degraded: t.string({
      nullable: true,
      description: 'Why retrieval could not (fully) be done.',
      resolve: ({ retrieved }) => retrieved.degraded,
    }),
  }),
});

builder.objectRef<EventOf<'turn-delta'>>('TurnDelta').implement({
  interfaces: [TurnEvent],
  fields: (t) => ({
    text: t.exposeString('text'),
    offset: t.exposeInt('offset', { description: 'Where the text begins in the answer, in UTF-16 units.' }),
  }),
});

builder.objectRef<EventOf<'turn-reasoning'>>('TurnReasoning').implement({
  interfaces: [TurnEvent],
  fields: (t) => ({ text: t.exposeString('text') }),
});

builder.objectRef<EventOf<'turn-ended'>>('TurnFinished').implement({
  description: 'Also for a turn that was stopped or blocked.',
  interfaces: [TurnEvent],
  fields: (t) => ({
    finishReason: t.field({ type: FinishReason, resolve: ({ outcome }) => outcome.finishReason }),
    message: t.prismaField({
      type: Message,
      resolve: (query, { messageId }, _args, { prisma }) =>
        prisma.message.findUniqueOrThrow({ ...query, where: { id: messageId } }),
    }),
    usage: t.field({ type: Usage, resolve: ({ outcome }) => outcome.usage }),
  }),
});

builder.objectRef<Failed>('TurnFailed').implement({
  description: 'The text that there was is kept in the message.',
  interfaces: [TurnEvent],
  fields: (t) => ({
    error: t.field({ type: TurnError, resolve: ({ outcome }) => outcome.error }),
    message: t.prismaField({
      type: Message,
      resolve: (query, { messageId }, _args, { prisma }) =>
        prisma.message.findUniqueOrThrow({ ...query, where: { id: messageId } }),
    }),
  }),
});
