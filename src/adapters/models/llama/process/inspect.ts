import { stat } from 'node:fs/promises';
import { type GgufFileInfo, GgufFileType, GgufInsights, type Llama, readGgufFileInfo } from 'node-llama-cpp';
import type { FileFacts, ModelKind } from '../messages.ts';
import { Refusal } from '../refusal.ts';
import { openLlama } from './open-llama.ts';

/** `<architecture>.pooling_type` in a file: how vectors of tokens become one of a text. */
const POOLING_NONE = 0;
const POOLING_RANK = 4;
const EMBEDDING_ARCHITECTURE = /bert|embed|^t5encoder$/;

let opened: Promise<Llama> | undefined;

/** What the file says of itself. Throws Refusal for what is no model, or only a part of one. */
export async function inspectFile(path: string): Promise<FileFacts> {
  // Sizes of tensors are llama.cpp's to know; no GPU is asked for that.
  opened ??= openLlama({ gpu: 'off' });
  const info = await readInfo(path);
  const llama = await opened;
  await checkWhole(path, info, llama);
  return factsOf(info);
}

export async function readInfo(path: string): Promise<GgufFileInfo> {
  try {
    return await readGgufFileInfo(path, { logWarnings: false, sourceType: 'filesystem' });
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Refusal('model', isMissing ? 'The file is not there.' : 'It is not a GGUF file, or a broken one.');
  }
}

/** The parser reads past the end of a file without a word. */
async function checkWhole(path: string, info: GgufFileInfo, llama: Llama): Promise<void> {
  // Of several parts only the first is at hand here; llama.cpp finds out about the others when it loads them.
  if (info.splicedParts > 1) return;
  const { size } = await stat(path);
  if (size < (await endOf(info, llama))) {
    throw new Refusal('model', 'It is only a part of a GGUF file: the download or the copy was cut short.');
  }
}

/** Where the last tensor ends, in bytes. */
async function endOf(info: GgufFileInfo, llama: Llama): Promise<number> {
  try {
    const [tensor] = info.fullTensorInfo ?? [];
    if (!tensor) throw new Error('It has no tensors.');
    const begin = Number(tensor.fileOffset) - Number(tensor.offset);
    // Up to the end of the last one, from where the first begins.
    return begin + (await GgufInsights.from(info, llama)).modelSize;
  } catch {
    throw new Refusal('model', 'It is a broken GGUF file.');
  }
}

export function factsOf(info: GgufFileInfo): FileFacts {
  const architecture = info.metadata.general?.architecture;
  if (typeof architecture !== 'string' || info.metadata.tokenizer === undefined) {
    throw new Refusal('model', 'It is a GGUF file, but not of a language model.');
  }
  const { context_length: contextLength } = (info.architectureMetadata ?? {}) as { context_length?: unknown };
  return {
    kind: kindOf(info, architecture),
    contextWindow: typeof contextLength === 'number' && contextLength > 0 ? contextLength : null,
    quantization: quantizationOf(info.metadata.general.file_type),
  };
}

function kindOf(info: GgufFileInfo, architecture: string): ModelKind {
  const { pooling_type: pooling } = (info.architectureMetadata ?? {}) as { pooling_type?: number };
  const judges = info.tensorInfo?.some(({ name }) => name === 'cls.weight' || name === 'cls.output.weight') ?? false;
  if (pooling === POOLING_RANK || judges) return 'rank';
  if (EMBEDDING_ARCHITECTURE.test(architecture)) return 'embedding';
  return pooling !== undefined && pooling !== POOLING_NONE ? 'embedding' : 'chat';
}

/** llama.cpp's name for it, such as MOSTLY_Q4_K_M or ALL_F32. */
function quantizationOf(type: number | undefined): string | null {
  const name = type === undefined ? undefined : GgufFileType[type];
  return name?.replace(/^(MOSTLY|ALL)_/, '') ?? null;
}
