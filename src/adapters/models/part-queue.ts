import type { ModelPart, ModelUsage } from '../../ports/language-model.ts';

type DeltaType = 'text-delta' | 'reasoning-delta';

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;

/**
 * What a provider has said and nobody has taken yet.
 *
 * Whatever waits is joined into one part per run of the same kind, so a slow reader gets few large parts and a quick
 * one gets each token at once: nothing ever waits in order to be joined. A trailing high surrogate stays back until
 * its other half comes, so no part splits a pair.
 */
export class PartQueue {
  #parts: ModelPart[] = [];
  #held = { 'text-delta': '', 'reasoning-delta': '' };
  #characters = 0;
  #ended = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  /** How many deltas have come so far. */
  added = 0;

  /** Characters that wait. */
  get size(): number {
    return this.#characters;
  }

  /** Nothing more will be added. */
  get ended(): boolean {
    return this.#ended;
  }

  add(type: DeltaType, delta: string): void {
    if (this.#ended || delta.length === 0) return;
    this.added++;
    let text = this.#held[type] ? this.#held[type] + delta : delta;
    if (isHighSurrogate(text.charCodeAt(text.length - 1))) {
      this.#held[type] = text.slice(-1);
      text = text.slice(0, -1);
      if (text.length === 0) return;
    } else if (this.#held[type]) this.#held[type] = '';
    this.#characters += text.length;
    const last = this.#parts.at(-1);
    if (last?.type === type) last.text += text;
    else this.#parts.push({ type, text });
    this.#notify();
  }

  finish(reason: 'stop' | 'length', usage: ModelUsage | null): void {
    if (this.#ended) return;
    this.#releaseHeld();
    this.#parts.push({ type: 'finish', reason, usage });
    this.#end();
  }

  /** The parts that wait are still given; then `next` throws. */
  fail(failure: Error): void {
    if (this.#ended) return;
    this.#releaseHeld();
    this.#failure = failure;
    this.#end();
  }

  /** Drops what waits: nobody wants it any more. */
  cancel(): void {
    this.#parts = [];
    this.#characters = 0;
    this.#failure = undefined;
    this.#end();
  }

  /** Resolves once there is something to take, or once the end is known. Throws a failure that has no part before it. */
  async ready(): Promise<void> {
    while (this.#parts.length === 0) {
      if (this.#failure) throw this.#failure;
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The next part; undefined after the last one. For one reader. */
  async next(): Promise<ModelPart | undefined> {
    if (this.#parts.length === 0) await this.ready();
    const part = this.#parts.shift();
    if (part === undefined || part.type === 'finish') return part;
    this.#characters -= part.text.length;
    // A lone surrogate of the provider's own making would change on its way through UTF-8.
    part.text = part.text.toWellFormed();
    return part;
  }

  /** A half pair whose other half never came. */
  #releaseHeld(): void {
    for (const type of ['reasoning-delta', 'text-delta'] as const) {
      if (this.#held[type]) this.#parts.push({ type, text: '\ufffd' });
      if (this.#held[type]) this.#characters += 1;
      this.#held[type] = '';
    }
  }

  #end(): void {
    this.#ended = true;
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
