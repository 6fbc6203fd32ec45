import type { MessageFieldsFragment } from './generated/graphql.ts';
import { isTerminal, type TurnEvent } from './turn-stream.ts';

export type Answer = {
  turnId: string;
  /** As it is stored: what the events' text was together. */
  text: string;
  reasoning: string;
  message: MessageFieldsFragment;
  /** The event that ended the turn. It tells finished from failed. */
  end: Extract<TurnEvent, { message: unknown }>;
};

/** The text of the answer as it comes, piece by piece, without the reasoning. */
export async function* textOf(events: AsyncIterable<TurnEvent>): AsyncGenerator<string> {
  for await (const event of events) if (event.__typename === 'TurnDelta') yield event.text;
}

/** Waits for the end of a turn. Null when the stream was left before it. */
export async function collectAnswer(events: AsyncIterable<TurnEvent>): Promise<Answer | null> {
  for await (const event of events) {
    if (!isTerminal(event)) continue;
    const { turnId, message } = event;
    return { turnId, text: message.content, reasoning: message.reasoning ?? '', message, end: event };
  }
  return null;
}
