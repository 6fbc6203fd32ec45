import type { Embedder } from '../../src/ports/embedder.ts';
import type { FileReading, TextSection } from '../../src/ports/file-reader.ts';
import type { VectorIndex, VectorItem, VectorSpace } from '../../src/ports/vector-index.ts';

type ReadEvent = { type: 'section'; section: TextSection } | { type: 'progress'; fraction: number };
/** What a file holds: its sections, a fault, or whatever it wants to say and wait for. */
type Content = TextSection[] | Error | ((signal: AbortSignal) => AsyncIterable<ReadEvent>);

/** Reads what a test has put there, by path. */
export function createFakeReader() {
  const contents = new Map<string, Content>();
  const reads: string[] = [];

  async function* read(path: string, _kind: string, signal: AbortSignal): FileReading & AsyncGenerator<ReadEvent> {
    reads.push(path);
    const content = contents.get(path) ?? [];
    if (content instanceof Error) throw content;
    if (typeof content === 'function') return yield* content(signal);
    for (const [index, section] of content.entries()) {
      yield { type: 'section', section };
      yield { type: 'progress', fraction: (index + 1) / content.length };
    }
  }

  return { contents, reads, read };
}

/** A section of one paragraph. */
export function textSection(text: string, page: number | null = null): TextSection {
  return { text, page, blocks: [{ type: 'paragraph', start: 0, end: text.length }] };
}

/** So many sections of different sentences, each about `length` long. */
export function manySections(count: number, length = 300_000): TextSection[] {
  return Array.from({ length: count }, (_, section) => {
    let text = '';
    for (let index = 0; text.length < length; index++) {
      text += `Sentence ${index} of section ${section} tells of word${section}x${index % 50}. `;
      if (index % 8 === 7) text += '\n\n';
    }
    const blocks: TextSection['blocks'] = [];
    for (let start = 0; start < text.length; ) {
      const gap = text.indexOf('\n\n', start);
      const end = gap < 0 ? text.length : gap;
      blocks.push({ type: 'paragraph', start, end });
      start = gap < 0 ? text.length : gap + 2;
    }
    return { text, page: null, blocks };
  });
}

/** Vectors in memory. `fault`: thrown by whatever is called. */
export function createFakeVectors() {
  const spaces = new Map<string, Map<string, VectorItem>>();
  const keyOf = ({ scopeId, model }: VectorSpace) => `${scopeId} ${model}`;
  const itemsOf = (space: VectorSpace) => spaces.get(keyOf(space)) ?? new Map<string, VectorItem>();
  const state: { fault: Error | null } = { fault: null };
  const check = () => {
    if (state.fault) throw state.fault;
  };
  const index: Pick<VectorIndex, 'upsert' | 'removeFile' | 'removeSpace' | 'count'> = {
    async upsert(space, items) {
      check();
      const all = itemsOf(space);
      spaces.set(keyOf(space), all);
      for (const item of items) all.set(`${item.fileId} ${item.generation} ${item.chunk}`, item);
    },
    async removeFile(space, fileId, options) {
      check();
      for (const [key, item] of itemsOf(space)) {
        if (item.fileId === fileId && item.generation !== options?.keepGeneration) itemsOf(space).delete(key);
      }
    },
    async removeSpace(space) {
      check();
      spaces.delete(keyOf(space));
    },
    async count(space) {
      return itemsOf(space).size;
    },
  };
  return {
    ...index,
    state,
    spaces,
    /** The generations that there are vectors of, and of how many chunks. */
    of(fileId: string): Record<number, number> {
      const found: Record<number, number> = {};
      for (const { fileId: owner, generation } of [...spaces.values()].flatMap((items) => [...items.values()])) {
        if (owner === fileId) found[generation] = (found[generation] ?? 0) + 1;
      }
      return found;
    },
  };
}

/** Vectors of two numbers. `fault`: thrown in place of them. */
export function createFakeEmbedder(model = 'ollama/fake') {
  const state: { fault: Error | null; texts: string[] } = { fault: null, texts: [] };
  const embedder: Embedder = {
    model,
    countTokens: null,
    maxTokens: null,
    async embed(texts) {
      if (state.fault) throw state.fault;
      state.texts.push(...texts);
      return texts.map((text) => {
        const angle = text.length;
        return new Float32Array([Math.cos(angle), Math.sin(angle)]);
      });
    },
  };
  return { embedder, state };
}
