import type { ChatMessage, GenerationOptions, ModelUsage } from '../../../ports/language-model.ts';

/** What a GGUF file says of itself. */
export type FileFacts = {
  kind: ModelKind;
  /** In tokens, as the model was trained. */
  contextWindow: number | null;
  /** Such as Q4_K_M. */
  quantization: string | null;
};

/** `rank`: it judges how well a text answers a question, and does nothing else. */
export type ModelKind = 'chat' | 'embedding' | 'rank';

export type LoadSettings = {
  /** Null: one for each core that is of use. */
  threads: number | null;
  /** Context window in tokens, of one turn. */
  contextTokens: number;
  gpu: 'auto' | 'cuda' | 'vulkan' | 'metal' | 'off';
  /** Null: by the template in the file. */
  chatFormat: string | null;
  /** Turns at a time; where the memory does not suffice, fewer. */
  places: number;
};

export type Loaded = { kind: ModelKind; contextTokens: number; places: number };

export type Delta = { kind: 'text' | 'reasoning'; text: string };

/** What the process can be asked for: what it is given, what it answers, and what it tells meanwhile. */
export type Calls = {
  inspect: { input: { path: string }; result: FileFacts; event: never };
  load: { input: { path: string; settings: LoadSettings }; result: Loaded; event: never };
  generate: {
    input: { messages: ChatMessage[]; options: GenerationOptions };
    result: { reason: 'stop' | 'length'; usage: ModelUsage };
    event: Delta;
  };
  count: { input: { texts: string[] }; result: number[]; event: never };
  embed: { input: { texts: string[] }; result: number[][]; event: never };
  /** How well each text answers the question, from 0 to 1. */
  rank: { input: { question: string; texts: string[] }; result: number[]; event: never };
};

export type CallName = keyof Calls;

export type ToProcess =
  | { [Name in CallName]: { type: 'call'; id: number; name: Name; input: Calls[Name]['input'] } }[CallName]
  | { type: 'abort'; id: number };

/**
 * Why a call failed. `model`: the file, or what is asked of it, is at fault; `input`: what was said to it; `too-long`: it
 * does not fit; `memory`: there is not enough; `missing`: the package or its build is not there; `fault`: anything else.
 */
export type FailureKind = 'model' | 'input' | 'too-long' | 'memory' | 'missing' | 'fault';

export type FromProcess =
  | { type: 'event'; id: number; event: Delta }
  | { type: 'result'; id: number; result: unknown }
  | { type: 'failure'; id: number; kind: FailureKind; message: string }
  | { type: 'log'; message: string };
