/** Words that ask or join and say nothing about what is asked for, in the languages that most are written in. */
const FUNCTION_WORDS = new Set(
  `a about all also an and any are as at be been but by can could did do does for from had has have he her his how i if in
  into is it its may me more most must my no not of on one or our shall she should so some such tell than that the their
  them then there these they this those to under up us was we were what when where which who whom whose why will with
  would you your please give show explain describe say says
  der die das den dem des ein eine einer einem einen und oder aber ist sind war waren wird werden wurde wurden hat haben
  hatte kann können muss müssen darf dürfen soll wie was wann wo wer wen wem welche welcher welches warum wieso von vom zu
  zum zur im in am an auf aus bei mit nach für über unter um nicht kein keine es er sie wir ihr ich mich mir sich man
  le la les l un une des du de d et ou mais est sont était être a ont avoir que qui quoi quand où comment pourquoi quel
  quelle quels quelles dans en sur sous avec pour par au aux ne pas il elle ils elles nous vous je se ce cette ces son sa
  el los las lo y o pero es son fue ser ha han qué quién cuándo dónde cómo cuál cuáles cuánto cuántos por para con sin del
  al su sus se no un una como más
  il lo gli e ed ma è era essere ha hanno che chi cosa quando dove come perché quale quali di da in su con per tra fra del
  della dei delle al alla si non
  o os as um uma ou mas é são foi ser tem que quem quando onde como qual quais do da dos das no na nos nas em por para com
  de het een en of maar is zijn was waren wordt wat wie waar hoe waarom welke van naar met voor niet`
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
