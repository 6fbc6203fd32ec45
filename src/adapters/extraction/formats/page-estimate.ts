/** A page between its margins, in points. */
export type PageArea = { width: number; height: number };

export const POINTS_PER_CENTIMETRE = 72 / 2.54;
/** A5 with wide margins. */
const SMALL_PAGE: PageArea = { width: 300, height: 450 };
/** Text of a usual size: characters are half as wide as they are high. */
const LINE_HEIGHT = 15.6;
const CHARACTER_WIDTH = 6;
/** Headers, larger type and white space take up the rest. */
const SURE_SHARE = 0.75;
const PICTURE_LINES = 12;

/**
 * Pages where a document only says which of their ends are forced: they are right as long as what is between two forced
 * ends surely fits a page. From where it does not, pages are not known, and null is better than a guess.
 */
export function createPageEstimate(areKnown: boolean, area: PageArea = SMALL_PAGE) {
  const maxLines = (area.height / LINE_HEIGHT) * SURE_SHARE;
  const perLine = Math.max(10, area.width / CHARACTER_WIDTH);
  let page = 1;
  let lines = 0;
  let isLost = false;

  function take(count: number): void {
    lines += count;
    isLost ||= !areKnown && lines > maxLines;
  }

  return {
    get page(): number | null {
      return isLost ? null : page;
    },
    turn() {
      page += 1;
      lines = 0;
    },
    /** A paragraph, a heading or a row. */
    count(text: { length: number }) {
      take(1.5 + Math.floor(text.length / perLine));
    },
    /** A row of a table; what is in its cells is counted by `countCell`. */
    countRow() {
      take(1.5);
    },
    countCell(text: { length: number }) {
      take(Math.floor((text.length * 2) / perLine));
    },
    /** A picture, or what else takes an unknown height. */
    countPicture() {
      take(PICTURE_LINES);
    },
  };
}

export type PageEstimate = ReturnType<typeof createPageEstimate>;
