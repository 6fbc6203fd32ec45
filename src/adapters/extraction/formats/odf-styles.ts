import type { Attributes } from '../containers/xml.ts';
import { type PageArea, POINTS_PER_CENTIMETRE } from './page-estimate.ts';

type Style = { parent: string | undefined; breaks?: boolean; breaksAfter?: boolean };

export type OdfStyles = ReturnType<typeof createOdfStyles>;

/** What of a text's styles matters: which of them begin a page, which are code, which a title. */
export function createOdfStyles() {
  const styles = new Map<string, Style>();
  let current: Style | null = null;
  let area: PageArea | undefined;

  /** The style and what it inherits from; styles may name each other in a circle. */
  function* chain(name: string | undefined): Generator<[string, Style | undefined]> {
    let next = name;
    for (let step = 0; next !== undefined && step < 50; step++) {
      const style = styles.get(next);
      yield [next, style];
      next = style?.parent;
    }
  }

  function own(name: string | undefined, property: 'breaks' | 'breaksAfter'): boolean {
    for (const [, style] of chain(name)) if (style?.[property] !== undefined) return style[property];
    return false;
  }

  return {
    open(name: string, attributes: Attributes) {
      if (name === 'style:style') {
        current = { parent: attributes['style:parent-style-name'] };
        // Another layout of the page, which begins on a new one.
        if (attributes['style:master-page-name']) current.breaks = true;
        styles.set(attributes['style:name'] ?? '', current);
      } else if (name === 'style:page-layout-properties') {
        const size = areaOf(attributes);
        if (size && (!area || size.width * size.height < area.width * area.height)) area = size;
      } else if (current && /^style:(paragraph|table)-properties$/.test(name)) {
        const before = attributes['fo:break-before'];
        const after = attributes['fo:break-after'];
        if (before !== undefined) current.breaks = before === 'page' || current.breaks === true;
        if (after !== undefined) current.breaksAfter = after === 'page';
      }
    },
    close(name: string) {
      if (name === 'style:style') current = null;
    },
    /** The smallest page that is laid out. */
    get pageArea() {
      return area;
    },
    breaksBefore: (name: string | undefined) => own(name, 'breaks'),
    breaksAfter: (name: string | undefined) => own(name, 'breaksAfter'),
    kind(name: string | undefined): 'code' | 'title' | null {
      for (const [one] of chain(name)) {
        if (one === 'Preformatted_20_Text' || one === 'Source_20_Code') return 'code';
        if (one === 'Title') return 'title';
      }
      return null;
    },
  };
}

const POINTS: Record<string, number> = { cm: POINTS_PER_CENTIMETRE, mm: POINTS_PER_CENTIMETRE / 10, in: 72, pt: 1 };

function areaOf(attributes: Attributes): PageArea | null {
  const points = (key: string) => {
    const [, number, unit] = /^([\d.]{1,12})(cm|mm|in|pt)$/.exec(attributes[`fo:${key}`] ?? '') ?? [];
    return number && unit ? Number(number) * (POINTS[unit] ?? 0) : 0;
  };
  const margin = points('margin');
  const side = (key: string) => points(`margin-${key}`) || margin;
  const width = points('page-width') - side('left') - side('right');
  const height = points('page-height') - side('top') - side('bottom');
  return width > 0 && height > 0 ? { width, height } : null;
}
