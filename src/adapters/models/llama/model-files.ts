import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

export type ModelFile = {
  /** What the model is called: the name of the file. */
  name: string;
  path: string;
  sizeBytes: number;
  /** Tells one file of this name from a later one. */
  version: string;
};

export type ModelFiles = {
  /** By name, which is no path. Null: there is no such file. */
  find(name: string): Promise<ModelFile | null>;
  /** The one of MODEL_PATH first, then the folder's, by name. */
  list(): Promise<ModelFile[]>;
};

const MOST_FILES = 500;
/** Of a model in several files the first one stands for it. */
const FURTHER_PART = /-(?!0*1-of-)\d{5}-of-\d{5}\.gguf$/i;
const PART = /^(.*-)(\d{5})-of-(\d{5})\.gguf$/i;
const NAME = /^[^./\\\0][^/\\\0]*\.gguf$/i;

/** The GGUF files that there are: those in the folder itself, and one that may lie anywhere. */
export function createModelFiles(options: { modelPath: string | null; folder: string }): ModelFiles {
  const { modelPath, folder } = options;

  async function find(name: string): Promise<ModelFile | null> {
    if (modelPath !== null && name === basename(modelPath)) return fileAt(modelPath);
    if (!isModelFileName(name) || FURTHER_PART.test(name)) return null;
    return fileAt(join(folder, name));
  }

  return {
    find,
    async list() {
      const named = modelPath === null ? null : await fileAt(modelPath);
      const names = await readdir(folder).catch(() => []);
      const usable = names.filter((name) => isModelFileName(name) && !FURTHER_PART.test(name) && name !== named?.name);
      const found = await Promise.all(
        usable
          .sort()
          .slice(0, MOST_FILES)
          .map((name) => fileAt(join(folder, name))),
      );
      return [named, ...found].filter((file) => file !== null);
    },
  };
}

async function fileAt(path: string): Promise<ModelFile | null> {
  const sizes = await Promise.all(partsOf(path).map(sizeOf));
  const whole = sizes.filter((part) => part !== null);
  if (whole.length < sizes.length) return null;
  return {
    name: basename(path),
    path,
    sizeBytes: whole.reduce((sum, { size }) => sum + size, 0),
    version: whole.map(({ size, changed }) => `${size}:${changed}`).join(' '),
  };
}

async function sizeOf(path: string): Promise<{ size: number; changed: number } | null> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() ? { size: found.size, changed: found.mtimeMs } : null;
}

/** The name of a GGUF file, and no path. */
export function isModelFileName(name: string): boolean {
  return NAME.test(name);
}

/** All the files of a model, of which `path` is the first. */
export function partsOf(path: string): string[] {
  const [, begin, , count] = PART.exec(path) ?? [];
  if (begin === undefined || count === undefined) return [path];
  const parts = Math.min(Number(count), MOST_FILES);
  return Array.from({ length: parts }, (_, index) => `${begin}${String(index + 1).padStart(5, '0')}-of-${count}.gguf`);
}
