/** Words that ask or join and say nothing about what is asked for, in the languages that most are written in. */
const FUNCTION_WORDS = new Set(
  `a about all also an and any are as at be been but by can could did do does for from had has have he her his how i if in
  into is it its may me more most must my no not of on one or our shall she should so some such tell than that the their
  them then there these they this those to under up us was we were what when where which who whom whose why will with
  would you your please give show explain describe say says get got need needs want know many much make find long write
  der die das den dem des ein eine einer einem einen und oder aber ist sind war waren wird werden wurde wurden hat haben
  hatte kann können muss müssen darf dürfen soll wie was wann wo wer wen wem welche welcher welches warum wieso von vom zu
  zum zur im in am an auf aus bei mit nach für über unter um nicht kein keine es er sie wir ihr ich mich mir sich man
  brauche brauchen habe gibt gilt viel viele lange erkläre kannst
  le la les l un une des du de d et ou mais est sont était être a ont avoir que qui quoi quand où comment pourquoi quel
  quelle quels quelles dans en sur sous avec pour par au aux ne pas il elle ils elles nous vous je se ce cette ces son sa
  el los las lo y o pero es son fue ser ha han qué quién cuándo dónde cómo cuál cuáles cuánto cuántos por para con sin del
  al su sus se no un una como más tengo tiene puedo hay
  il lo gli e ed ma è era essere ha hanno che chi cosa quando dove come perché quale quali di da in su con per tra fra del
  della dei delle al alla si non
  o os as um uma ou mas é são foi ser tem que quem quando onde como qual quais do da dos das no na nos nas em por para com
  de het een en of maar is zijn was waren wordt wat wie waar hoe waarom welke van naar met voor niet
  и или не на с со по это для из о об от до за при к у в что как где когда кто почему какой какая какие сколько можно ли
  я мне меня мой моя мои есть быть был была нужно надо если
  ما ماذا من هل كم كيف متى أين لماذا في على إلى عن مع هذا هذه أن هو هي لي لدي يمكن يمكنني
  什么 多少 怎么 怎样 可以 如何 几点 多久 需要`
    .split(/\s+/)
    .map(fold),
);

const words = new Intl.Segmenter(undefined, { granularity: 'word' });
/** Scripts without spaces, where it is pairs of characters that meet. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** What two texts can have in common: words without the function words, pairs of characters; all folded. */
export function termsOf(text: string): string[] {
  const terms: string[] = [];
  for (const { segment, isWordLike } of words.segment(fold(text))) {
    if (!isWordLike) continue;
    if (UNSPACED.test(segment)) {
      const characters = [...segment];
      if (characters.length === 1) terms.push(segment);
      for (let at = 0; at + 1 < characters.length; at++) terms.push(`${characters[at]}${characters[at + 1]}`);
    } else if (!FUNCTION_WORDS.has(segment)) terms.push(segment);
  }
  return terms;
}

function fold(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/(\p{Script=Latin})\p{Mn}+/gu, '$1')
    .normalize('NFC');
}

const LEAST_STEM = 4;
const STEM_SHARE = 0.7;

/** Whether two words are one word in different forms: most of both is the same beginning. In no language exact. */
export function sameStem(one: string, other: string): boolean {
  if (one === other) return true;
  const longer = Math.max(one.length, other.length);
  const needed = Math.max(LEAST_STEM, Math.ceil(longer * STEM_SHARE));
  if (Math.min(one.length, other.length) < needed || /\p{N}/u.test(one)) return false;
  return one.slice(0, needed) === other.slice(0, needed);
}

const LEAST_COMMON = 5;
const LEAST_INSIDE = 6;

/**
 * Whether two words may have to do with each other: in other forms, with the same beginning, or with a part in common
 * ("Urlaubstage" and "Jahresurlaub", "الإجازة" and "إجازة"). Finds more than there is.
 */
export function mayBeAkin(one: string, other: string): boolean {
  if (sameStem(one, other)) return true;
  if (/\p{N}/u.test(one)) return false;
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (short.length >= 3 && long.length - short.length <= 2 && long.startsWith(short)) return true;
  if (short.length >= LEAST_COMMON && long.includes(short)) return true;
  let common = 0;
  while (common < short.length && short[common] === long[common]) common += 1;
  if (common >= LEAST_COMMON || (common === LEAST_COMMON - 1 && common * 2 >= long.length)) return true;
  for (let at = 0; at + LEAST_INSIDE <= short.length; at += 1) {
    if (long.includes(short.slice(at, at + LEAST_INSIDE))) return true;
  }
  return false;
}
