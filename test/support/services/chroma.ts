import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ChromaServer,
  type ChromaServerLimits,
  createChromaServer,
} from '../../../src/adapters/vectors/chroma-server.ts';

/** Shared by all runs: a copy of the program is large, and the same for all. */
export const CHROMA_CACHE = join(tmpdir(), 'colloquy-chroma-cache');

export type TestChroma = {
  server: ChromaServer;
  folder: string;
  /** What an operator would have read. */
  warnings: string[];
  stop(): Promise<void>;
};

/** The Chroma server of the npm package, supervised as in production, with its data in a temporary folder. */
export async function startChroma(options: { limits?: Partial<ChromaServerLimits> } = {}): Promise<TestChroma> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-chroma-'));
  const warnings: string[] = [];
  const server = createChromaServer({
    folder,
    cacheFolder: CHROMA_CACHE,
    debug: () => {},
    warn: (message) => warnings.push(message),
    ...(options.limits && { limits: options.limits }),
  });
  const stop = async () => {
    await server.dispose();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  return { server, folder, warnings, stop };
}
