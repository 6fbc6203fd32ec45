import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '../../test/support/random.ts';

/** Texts of chunks, as many as are asked for, and questions about them. */
export type Corpus = { chunks(count: number): Generator<string>; questions(count: number): string[] };

const CHUNK_CHARACTERS = 1_500;
const VOCABULARY = 150_000;
/** What the commonest words of a language are: stop words at the head, as in a real one. */
const COMMON =
  'the of and to a in is it that was for on are as with his they at be this from have or by one had not but what all were when we there can an your which their if do will each how'.split(
    ' ',
  );
const SYLLABLES =
  'a an ar be ber ca con cor da de den di do e el en er es fa fi for ga ge gra ha he i in is ka kel la le li lo ma me men mi mo na ne ni no o on or pa per po pre pro ra re ri ro sa se si so sta ta te ter ti to tra u un ur va ve vi za'.split(
    ' ',
  );
const ENDINGS = ['', '', '', 's', 'ed', 'ing', 'er', 'ly', 'tion', 'al'];

/** So many chunks are about one thing, with its own words, which make a good part of them. */
const TOPIC_CHUNKS = 20;
const TOPIC_WORDS = 50;
const TOPIC_SHARE = 0.35;

/**
 * Words by Zipf's law, made of syllables, so that character grams are shared as they are in a language; and repeated,
 * as in texts that are about something. The same for the same seed.
 */
export function syntheticCorpus(seed = 1): Corpus {
  const random = createRandom(seed);
  const words = Array.from({ length: VOCABULARY }, (_, rank) => COMMON[rank] ?? makeWord(random, rank));
  // The inverse of the law's sum, which grows with the logarithm of the rank.
  const scale = Math.log(1 + VOCABULARY / 2.7);
  const pick = () => words[Math.min(VOCABULARY - 1, Math.floor(2.7 * (Math.exp(random() * scale) - 1)))] as string;
  const kept: string[] = [];
  let topic: string[] = [];
  const next = () => (random() < TOPIC_SHARE ? (topic[Math.floor(random() ** 2 * TOPIC_WORDS)] as string) : pick());
  return {
    *chunks(count) {
      for (let chunk = 0; chunk < count; chunk += 1) {
        if (chunk % TOPIC_CHUNKS === 0) topic = Array.from({ length: TOPIC_WORDS }, pick);
        let text = '';
        while (text.length < CHUNK_CHARACTERS) text += `${next()}${random() < 0.08 ? '. ' : ' '}`;
        if (chunk % 97 === 0) kept.push(text);
        yield text;
      }
    },
    questions: (count) => Array.from({ length: count }, () => questionOf(kept, random)),
  };
}

/** The texts of a folder in chunks, from the beginning again when there are too few. */
export async function folderCorpus(folder: string): Promise<Corpus> {
  const random = createRandom(1);
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const texts: string[] = [];
  for (const file of files) {
    const text = await readFile(join(file.parentPath, file.name), 'utf8');
    for (let at = 0; at < text.length; at += CHUNK_CHARACTERS) texts.push(text.slice(at, at + CHUNK_CHARACTERS));
  }
  if (texts.length === 0) throw new Error(`There is no text in ${folder}.`);
  return {
    *chunks(count) {
      for (let chunk = 0; chunk < count; chunk += 1) yield texts[chunk % texts.length] as string;
    },
    questions: (count) => Array.from({ length: count }, () => questionOf(texts, random)),
  };
}

function makeWord(random: () => number, rank: number): string {
  const syllables = 2 + Math.floor(random() * (rank < 2_000 ? 2 : 3));
  let word = '';
  for (let at = 0; at < syllables; at += 1) word += SYLLABLES[Math.floor(random() ** 1.5 * SYLLABLES.length)];
  return word + ENDINGS[Math.floor(random() * ENDINGS.length)];
}

/** Five to twelve words that stand together in a chunk, as people ask with the words that they remember. */
function questionOf(texts: string[], random: () => number): string {
  const words = (texts[Math.floor(random() * texts.length)] ?? '').split(/\s+/);
  const start = Math.floor(random() * Math.max(1, words.length - 12));
  return `what is ${words.slice(start, start + 5 + Math.floor(random() * 8)).join(' ')}`;
}
