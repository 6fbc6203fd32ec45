/** strict: only a clear "safe" counts. fuzzy: what comes near to one does too, and a guard that says nothing stops nobody. */
export type SafetyMode = 'strict' | 'fuzzy';

/**
 * How a guard answers. words: "safe", or "unsafe" with the numbers of categories below it. yes-no: whether something
 * forbidden was found. labelled: lines such as "Safety: Safe".
 */
export type VerdictForm = 'words' | 'yes-no' | 'labelled';

export type Verdict = 'safe' | 'unsafe' | 'unclear';

/** What comes of a judgement. unsure: nobody has said that it is safe, and it is let through all the same. */
export type Ruling = 'safe' | 'unsure' | 'blocked';

export type ReadVerdict = {
  verdict: Verdict;
  /** Short codes such as "S1, S9", where the guard names some. */
  categories: string | null;
};

const THOUGHTS = /^\s*<think>[\s\S]*?(<\/think>|$)/;
/** A sentence that says so has few words; a longer text that holds the word is about something else. */
const MOST_WORDS = 12;

const UNSAFE = new Set(['unsafe', 'harmful', 'dangerous']);
const NEGATIONS = new Set(
  'not isnt arent wasnt wouldnt couldnt never neither nor hardly barely cannot cant doesnt dont far un non'.split(' '),
);
/** Of what is negated with them, however far behind: "I do not think that this is safe". */
const OPINIONS = new Set('think believe consider find call say judge deem regard feel seem appear look'.split(' '));
/** Behind "safe" they take it back: "safe? no". */
const DENIALS = new Set(['no', 'nope', 'not', 'false', 'never']);
const DOUBTS = new Set('no if unless but however except whether maybe perhaps or may might could would'.split(' '));
/** How near to a word its negation stands. */
const NEAR = 3;

/** What a guard's answer says. Nothing but its answer is read here: what it was shown has no say in it. */
export function readVerdict(mode: SafetyMode, answer: string, form: VerdictForm = 'words'): ReadVerdict {
  const said = answer.replace(THOUGHTS, '').trim();
  const clear = clearVerdict(said, form);
  const near = clear ?? nearVerdict(said, form);
  // What comes near to "unsafe" is as good as that in both modes.
  const verdict = mode === 'strict' && clear === null && near === 'safe' ? 'unclear' : near;
  return { verdict, categories: verdict === 'unsafe' ? categoriesIn(said) : null };
}

/** Null: it is none of what the form allows. */
function clearVerdict(said: string, form: VerdictForm): Verdict | null {
  if (form === 'yes-no') return clearYesNo(said);
  if (form === 'labelled') return clearLabel(said);
  if (/^safe$/i.test(said)) return 'safe';
  return /^unsafe(\s+s\d+(\s*,\s*s\d+)*)?$/i.test(said) ? 'unsafe' : null;
}

/** Granite Guardian puts a score or its confidence around the word, by its version. */
function clearYesNo(said: string): Verdict | null {
  const found = /^(?:<score>\s*(yes|no)\s*<\/score>|(yes|no))(?:\s*<confidence>\s*(high|low)\s*<\/confidence>)?$/i.exec(
    said,
  );
  const word = (found?.[1] ?? found?.[2])?.toLowerCase();
  if (word === 'yes') return 'unsafe';
  if (word !== 'no') return null;
  return found?.[3]?.toLowerCase() === 'low' ? 'unclear' : 'safe';
}

function clearLabel(said: string): Verdict | null {
  const label = /^safety:[ \t]*(safe|unsafe|controversial)[ \t]*$/im.exec(said)?.[1]?.toLowerCase();
  if (label === 'unsafe') return 'unsafe';
  if (label === 'controversial') return 'unclear';
  const categories = /^categories:[ \t]*(.*)$/im.exec(said)?.[1]?.trim().toLowerCase() ?? 'none';
  return label === 'safe' && categories === 'none' ? 'safe' : null;
}

function nearVerdict(said: string, form: VerdictForm): Verdict {
  const words: string[] =
    said
      .normalize('NFKC')
      .toLowerCase()
      .replace(/['’]/g, '')
      .match(/\p{L}+/gu) ?? [];
  if (form === 'yes-no' && (words[0] === 'yes' || words[0] === 'no')) {
    if (words[0] === 'yes') return 'unsafe';
    return words.length <= MOST_WORDS && !words.includes('yes') && !words.some(isUnsafe) ? 'safe' : 'unclear';
  }
  return nearWords(words);
}

function nearWords(words: string[]): Verdict {
  const safe = words.indexOf('safe');
  const isDenied =
    safe >= 0 && (isNegated(words, safe) || isDoubted(words, safe) || DENIALS.has(words[safe + 1] ?? ''));
  if (isDenied) return 'unsafe';
  const unsafe = words.findIndex(isUnsafe);
  // "safe or unsafe" repeats the question.
  if (unsafe >= 0) return isNegated(words, unsafe) || isEcho(words) ? 'unclear' : 'unsafe';
  if (safe < 0 || words.length > MOST_WORDS) return 'unclear';
  return words.some((word) => DOUBTS.has(word)) ? 'unclear' : 'safe';
}

function isUnsafe(word: string): boolean {
  return UNSAFE.has(word);
}

function isNegated(words: string[], index: number): boolean {
  return words.slice(Math.max(0, index - NEAR), index).some((word) => NEGATIONS.has(word));
}

function isDoubted(words: string[], index: number): boolean {
  return words.slice(0, index).some((word, at) => NEGATIONS.has(word) && OPINIONS.has(words[at + 1] ?? ''));
}

function isEcho(words: string[]): boolean {
  return /\b(safe (or )?unsafe|unsafe or safe)\b/.test(words.join(' '));
}

const MOST_CATEGORIES = 10;

/** Codes only: whatever else a guard says may repeat what it was shown. */
function categoriesIn(said: string): string | null {
  const codes = said.match(/\bS\d{1,2}\b/g) ?? [];
  return codes.length > 0 ? [...new Set(codes)].slice(0, MOST_CATEGORIES).join(', ') : null;
}
