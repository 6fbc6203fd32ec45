/** What the bench asks of its clients' process. Every question carries an `id` that its answer repeats. */
export type ClientQuestion =
  /** Opens so many sockets, each up to the server's acknowledgement. */
  | { type: 'connect'; url: string; count: number; tokens: string[] }
  | ({ type: 'run' } & RunRequest)
  /** How many tokens have come since the run began. */
  | { type: 'progress' }
  | { type: 'disconnect' };

export type RunRequest = {
  /** A turn per socket, on the first ones. */
  turns: number;
  /** The model's name, which tells the upstream what to send. */
  model: string;
  document: string;
  tokensPerTurn: number;
  /** Over which the starts are spread evenly. 0: all at once. */
  rampMs: number;
  /** The turns begin one after another, each when the one before has ended. */
  sequential: boolean;
  deadlineMs: number;
};

export type RunFigures = {
  tokens: number;
  frames: number;
  firstP50: number;
  firstP99: number;
  lagP50: number;
  lagP99: number;
  lagMax: number;
  /** From the first subscribe to the last end. */
  seconds: number;
};

export type RunAnswer = { figures: RunFigures; failures: string[] };

/** A page that shows a turn: what it needs to know when it starts and ends, and the text. */
export const LEAN_DOCUMENT = `subscription Chat($input: ChatInput!) {
  chat(input: $input) {
    __typename
    turnId
    cursor
    ... on TurnStarted { turn { id conversation { id title } userMessage { id } assistantMessage { id } } }
    ... on TurnRetrieved { degraded citations { index } }
    ... on TurnDelta { text offset }
    ... on TurnReasoning { text }
    ... on TurnFinished { finishReason usage { totalTokens } message { id status } }
    ... on TurnFailed { error { code message } message { id status } }
  }
}`;
