import type { Client, StreamOptions, TurnEvent } from '@colloquy/sdk';
import { plainText } from './plain-text.ts';
import type { Terminal } from './terminal.ts';

type TurnEnd = Extract<TurnEvent, { message: unknown }>;

export type PlayOptions = { client: Client; terminal: Terminal; onStarted?: (conversationId: string) => void };

/**
 * Shows an answer as it comes. The first Ctrl-C stops the model and keeps what it has said, the second one leaves.
 * Returns the event that ended the turn; null when the person left before it.
 */
export async function playTurn(
  { client, terminal, onStarted }: PlayOptions,
  open: (options: StreamOptions) => AsyncIterable<TurnEvent>,
): Promise<TurnEnd | null> {
  const controller = new AbortController();
  let turnId: string | undefined;
  let stopping = false;
  let failure: unknown;

  // Also asked for before the turn is known: then it is stopped as soon as it is.
  const stop = () => {
    if (!stopping || turnId === undefined) return;
    client.stopTurn(turnId).catch((error) => {
      failure = error;
      controller.abort();
    });
  };
  const release = terminal.onInterrupt(() => {
    if (stopping) {
      controller.abort();
      terminal.leave();
      return;
    }
    stopping = true;
    if (terminal.interactive) terminal.write(terminal.dim('\n[stopping; Ctrl-C again to leave]\n'));
    stop();
  });

  let end: TurnEnd | null = null;
  let shown: 'nothing' | 'reasoning' | 'text' = 'nothing';
  const onConnection: StreamOptions['onConnection'] = (state) => {
    if (!terminal.interactive) return;
    terminal.write(terminal.dim(state === 'lost' ? '\n[connection lost, trying again]\n' : '[connected]\n'));
  };
  try {
    for await (const event of open({ signal: controller.signal, onConnection })) {
      switch (event.__typename) {
        case 'TurnStarted':
          onStarted?.(event.turn.conversation.id);
          break;
        case 'TurnReasoning':
          if (terminal.interactive) terminal.write(terminal.dim(plainText(event.text)));
          if (terminal.interactive) shown = 'reasoning';
          break;
        case 'TurnDelta':
          if (shown === 'reasoning') terminal.write('\n\n');
          terminal.write(plainText(event.text));
          shown = 'text';
          break;
        case 'TurnFinished':
        case 'TurnFailed':
          end = event;
      }
      if (turnId === undefined) {
        turnId = event.turnId;
        stop();
      }
    }
  } finally {
    release();
    if (shown !== 'nothing') terminal.write('\n');
  }
  if (failure !== undefined) throw failure;
  if (end) tellEnd(terminal, end);
  return end;
}

function tellEnd(terminal: Terminal, end: TurnEnd): void {
  const note = (text: string) => terminal.write(`${terminal.dim(`[${text}]`)}\n`);
  if (end.__typename === 'TurnFailed') {
    const { message, retryable } = end.error;
    note(`${plainText(message)}${retryable ? ' /regenerate tries again.' : ''}`);
    return;
  }
  if (end.finishReason === 'STOPPED') note('stopped');
  else if (end.finishReason === 'LENGTH') note('cut off: the longest answer that was asked for');
  else if (end.finishReason === 'BLOCKED') note('blocked');
  if (end.message.citations.length > 0) {
    note(end.message.citations.map(({ index, passage }) => `${index}: ${plainText(passage.fileName)}`).join(', '));
  }
}
