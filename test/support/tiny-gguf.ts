import { writeFile } from 'node:fs/promises';

/** Makes GGUF files of language models with random weights: complete ones, that say nonsense. */

type Value =
  | { type: 'u32' | 'i32' | 'f32'; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'string'; value: string }
  | { type: 'strings'; value: string[] }
  | { type: 'f32s' | 'i32s'; value: number[] };
type Tensor = { name: string; dimensions: number[]; data: Float32Array };
type Token = { text: string; score: number; type: number };

const TYPES = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;
const ALIGNMENT = 32;
const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const BYTE = 6;
const SPACE = '\u2581';
const END_OF_TURN = '<|im_end|>';

const WORDS =
  'the of and to in is was for on are with as at be this have from or one had by word but not what all were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write go see number no way could people my than first water been call who oil its now find long down day did get come made may part hello world question answer chat model server data user'.split(
    ' ',
  );

const CHAT_TEMPLATE =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

export type TinyChatModel = {
  width?: number;
  layers?: number;
  contextWindow?: number;
  seed?: number;
  /** Left out of the file: one that cannot be told how to chat still can. */
  template?: string | null;
  /** How gladly it ends its answer; 0: it goes on until it is ended. */
  endWeight?: number;
};

/** A model of llama's architecture, with ChatML's format. 0.6 MB as it is. */
export async function writeTinyChatModel(path: string, options: TinyChatModel = {}): Promise<void> {
  const { width = 64, layers = 2, contextWindow = 4_096, seed = 1, template = CHAT_TEMPLATE, endWeight = 1 } = options;
  const normal = createNormal(seed);
  const tokens = chatTokens();
  const inner = width * 2;
  const heads = 4;
  const matrix = (rows: number, columns: number, scale: number) =>
    Float32Array.from({ length: rows * columns }, () => normal() * scale);
  const output = matrix(tokens.length, width, 0.35);
  // What is no word is improbable: a row of zeros. So are ends, where it is not to end.
  for (const [row, token] of tokens.entries()) {
    const isEnd = token.text === END_OF_TURN;
    const begin = row * width;
    if (isEnd) for (let index = begin; index < begin + width; index++) output[index] = (output[index] ?? 0) * endWeight;
    else if (token.type !== NORMAL) output.fill(0, begin, begin + width);
  }
  const tensors: Tensor[] = [
    { name: 'token_embd.weight', dimensions: [width, tokens.length], data: matrix(tokens.length, width, 1) },
  ];
  for (let layer = 0; layer < layers; layer++) {
    const add = (name: string, dimensions: number[], data: Float32Array) =>
      tensors.push({ name: `blk.${layer}.${name}.weight`, dimensions, data });
    add('attn_norm', [width], ones(width));
    add('ffn_norm', [width], ones(width));
    for (const name of ['attn_q', 'attn_k', 'attn_v', 'attn_output']) {
      add(name, [width, width], matrix(width, width, width ** -0.5));
    }
    add('ffn_gate', [width, inner], matrix(inner, width, width ** -0.5));
    add('ffn_up', [width, inner], matrix(inner, width, width ** -0.5));
    add('ffn_down', [inner, width], matrix(width, inner, inner ** -0.5));
  }
  tensors.push({ name: 'output_norm.weight', dimensions: [width], data: ones(width) });
  tensors.push({ name: 'output.weight', dimensions: [width, tokens.length], data: output });
  const metadata: [string, Value][] = [
    ...general('llama', 'tiny-chat'),
    ...architecture('llama', { contextWindow, width, layers, inner, heads }),
    ['llama.attention.layer_norm_rms_epsilon', { type: 'f32', value: 1e-5 }],
    ['llama.rope.dimension_count', u32(width / heads)],
    ['llama.rope.freq_base', { type: 'f32', value: 10_000 }],
    ['llama.vocab_size', u32(tokens.length)],
    ['tokenizer.ggml.model', { type: 'string', value: 'llama' }],
    ['tokenizer.ggml.pre', { type: 'string', value: 'default' }],
    ...tokenLists(tokens),
    ['tokenizer.ggml.bos_token_id', u32(1)],
    ['tokenizer.ggml.eos_token_id', u32(tokens.findIndex(({ text }) => text === END_OF_TURN))],
    ['tokenizer.ggml.unknown_token_id', u32(0)],
    ['tokenizer.ggml.add_bos_token', { type: 'bool', value: true }],
    ['tokenizer.ggml.add_eos_token', { type: 'bool', value: false }],
    ['tokenizer.ggml.add_space_prefix', { type: 'bool', value: false }],
  ];
  if (template !== null) metadata.push(['tokenizer.chat_template', { type: 'string', value: template }]);
  await writeFile(path, gguf(metadata, tensors));
}

/** A model of BERT's architecture, which makes vectors, or, with `judges`, gives scores. */
export async function writeTinyBertModel(
  path: string,
  options: { judges?: boolean; seed?: number } = {},
): Promise<void> {
  const { judges = false, seed = 7 } = options;
  const normal = createNormal(seed);
  const width = 32;
  const inner = 64;
  const heads = 2;
  const contextWindow = 512;
  const tokens = bertTokens();
  const matrix = (rows: number, columns: number) =>
    Float32Array.from({ length: rows * columns }, () => normal() * columns ** -0.5);
  const tensors: Tensor[] = [
    { name: 'token_embd.weight', dimensions: [width, tokens.length], data: matrix(tokens.length, width) },
    { name: 'position_embd.weight', dimensions: [width, contextWindow], data: matrix(contextWindow, width) },
    { name: 'token_types.weight', dimensions: [width, 2], data: matrix(2, width) },
  ];
  const addNorm = (name: string) => {
    tensors.push({ name: `${name}.weight`, dimensions: [width], data: ones(width) });
    tensors.push({ name: `${name}.bias`, dimensions: [width], data: new Float32Array(width) });
  };
  const addLinear = (name: string, from: number, to: number) => {
    tensors.push({ name: `${name}.weight`, dimensions: [from, to], data: matrix(to, from) });
    tensors.push({ name: `${name}.bias`, dimensions: [to], data: new Float32Array(to) });
  };
  addNorm('token_embd_norm');
  for (const name of ['attn_q', 'attn_k', 'attn_v', 'attn_output']) addLinear(`blk.0.${name}`, width, width);
  addNorm('blk.0.attn_output_norm');
  addLinear('blk.0.ffn_up', width, inner);
  addLinear('blk.0.ffn_down', inner, width);
  addNorm('blk.0.layer_output_norm');
  if (judges) {
    addLinear('cls', width, width);
    addLinear('cls.output', width, 1);
  }
  const metadata: [string, Value][] = [
    ...general('bert', judges ? 'tiny-judge' : 'tiny-embedding'),
    ...architecture('bert', { contextWindow, width, layers: 1, inner, heads }),
    ['bert.attention.layer_norm_epsilon', { type: 'f32', value: 1e-12 }],
    ['bert.attention.causal', { type: 'bool', value: false }],
    ['bert.pooling_type', u32(judges ? 4 : 1)],
    ['tokenizer.ggml.model', { type: 'string', value: 'bert' }],
    ['tokenizer.ggml.pre', { type: 'string', value: 'default' }],
    ...tokenLists(tokens),
    ['tokenizer.ggml.token_type_count', u32(2)],
    ['tokenizer.ggml.unknown_token_id', u32(1)],
    ['tokenizer.ggml.padding_token_id', u32(0)],
    ['tokenizer.ggml.bos_token_id', u32(2)],
    ['tokenizer.ggml.cls_token_id', u32(2)],
    ['tokenizer.ggml.eos_token_id', u32(3)],
    ['tokenizer.ggml.seperator_token_id', u32(3)],
    ['tokenizer.ggml.mask_token_id', u32(4)],
  ];
  await writeFile(path, gguf(metadata, tensors));
}

function general(name: string, title: string): [string, Value][] {
  return [
    ['general.architecture', { type: 'string', value: name }],
    ['general.name', { type: 'string', value: title }],
    ['general.alignment', u32(ALIGNMENT)],
    ['general.file_type', u32(0)],
  ];
}

function architecture(
  name: string,
  sizes: { contextWindow: number; width: number; layers: number; inner: number; heads: number },
): [string, Value][] {
  return [
    [`${name}.context_length`, u32(sizes.contextWindow)],
    [`${name}.embedding_length`, u32(sizes.width)],
    [`${name}.block_count`, u32(sizes.layers)],
    [`${name}.feed_forward_length`, u32(sizes.inner)],
    [`${name}.attention.head_count`, u32(sizes.heads)],
    [`${name}.attention.head_count_kv`, u32(sizes.heads)],
  ];
}

function tokenLists(tokens: Token[]): [string, Value][] {
  return [
    ['tokenizer.ggml.tokens', { type: 'strings', value: tokens.map(({ text }) => text) }],
    ['tokenizer.ggml.scores', { type: 'f32s', value: tokens.map(({ score }) => score) }],
    ['tokenizer.ggml.token_type', { type: 'i32s', value: tokens.map(({ type }) => type) }],
  ];
}

/** Bytes for what has no token of its own, characters, and words with all their beginnings, of which they are merged. */
function chatTokens(): Token[] {
  const special = (text: string, type: number): Token => ({ text, score: 0, type });
  const bytes = Array.from({ length: 256 }, (_, byte) =>
    special(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, BYTE),
  );
  const characters = [SPACE, ...Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index))];
  const pieces = new Set<string>();
  for (const word of WORDS) {
    for (let length = 2; length <= word.length + 1; length++) pieces.add((SPACE + word).slice(0, length));
  }
  const sorted = [...pieces].sort((one, other) => other.length - one.length);
  return [
    special('<unk>', UNKNOWN),
    special('<s>', CONTROL),
    special('</s>', CONTROL),
    special('<|im_start|>', CONTROL),
    special(END_OF_TURN, CONTROL),
    ...bytes,
    ...characters.map((text, index): Token => ({ text, score: -1_000 - index, type: NORMAL })),
    ...sorted.map((text, index): Token => ({ text, score: -(index + 1) + text.length * 0.01, type: NORMAL })),
  ];
}

/** llama.cpp marks the beginning of a word; the rest of one stands without a mark. */
function bertTokens(): Token[] {
  const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
  const letters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(97 + index));
  const others = [...'0123456789.,?!:;-\'"()'];
  const texts = [...letters, ...others];
  const words = WORDS.filter((word) => word.length > 1);
  return [
    ...special.map((text): Token => ({ text, score: 0, type: CONTROL })),
    ...[...texts.map((text) => SPACE + text), ...texts, ...words.map((word) => SPACE + word)].map(
      (text): Token => ({ text, score: 0, type: NORMAL }),
    ),
  ];
}

function gguf(metadata: [string, Value][], tensors: Tensor[]): Buffer {
  const head = [
    Buffer.from('GGUF'),
    number('u32', 3),
    long(tensors.length),
    long(metadata.length),
    ...metadata.flatMap(([key, value]) => [text(key), ...encoded(value)]),
  ];
  let offset = 0;
  for (const { name, dimensions, data } of tensors) {
    head.push(text(name), number('u32', dimensions.length), ...dimensions.map(long), number('u32', 0), long(offset));
    offset += padded(data.byteLength);
  }
  const begin = Buffer.concat(head);
  const body = tensors.flatMap(({ data }) => [
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    Buffer.alloc(padded(data.byteLength) - data.byteLength),
  ]);
  return Buffer.concat([begin, Buffer.alloc(padded(begin.length) - begin.length), ...body]);
}

function encoded(value: Value): Buffer[] {
  switch (value.type) {
    case 'string':
      return [number('u32', TYPES.string), text(value.value)];
    case 'bool':
      return [number('u32', TYPES.bool), Buffer.from([value.value ? 1 : 0])];
    case 'strings':
      return [...list(TYPES.string, value.value.length), ...value.value.map(text)];
    case 'f32s':
      return [...list(TYPES.f32, value.value.length), ...value.value.map((item) => number('f32', item))];
    case 'i32s':
      return [...list(TYPES.i32, value.value.length), ...value.value.map((item) => number('i32', item))];
    default:
      return [number('u32', TYPES[value.type]), number(value.type, value.value)];
  }
}

function list(type: number, length: number): Buffer[] {
  return [number('u32', TYPES.array), number('u32', type), long(length)];
}

function number(type: 'u32' | 'i32' | 'f32', value: number): Buffer {
  const buffer = Buffer.alloc(4);
  if (type === 'u32') buffer.writeUInt32LE(value);
  else if (type === 'i32') buffer.writeInt32LE(value);
  else buffer.writeFloatLE(value);
  return buffer;
}

function long(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([long(bytes.length), bytes]);
}

function u32(value: number): Value {
  return { type: 'u32', value };
}

function ones(length: number): Float32Array {
  return new Float32Array(length).fill(1);
}

function padded(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

/** Normally distributed numbers, the same ones for the same seed: mulberry32, then Box and Muller. */
function createNormal(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
