import type { Archive } from '../containers/archive.ts';
import { attribute, parseXml } from '../containers/xml.ts';

export type ParagraphStyle = {
  /** 1 to 6 of a heading. */
  level?: number;
  isList?: boolean;
  isCode?: boolean;
  breaksPage?: boolean;
  basedOn?: string;
};

/** What the paragraph styles of a document mean, with what they inherit. */
export async function readParagraphStyles(archive: Archive, path: string): Promise<Map<string, ParagraphStyle>> {
  const styles = new Map<string, ParagraphStyle>();
  if (!archive.has(path)) return styles;
  let style: ParagraphStyle | null = null;
  await parseXml(archive.read(path), {
    open(name, attributes) {
      if (name === 'style') {
        style = {};
        const id = attribute(attributes, 'styleId');
        if (attribute(attributes, 'type') === 'paragraph' && id) styles.set(id, style);
        return;
      }
      if (!style) return;
      const value = attribute(attributes, 'val');
      if (name === 'basedOn' && value !== undefined) style.basedOn = value;
      else if (name === 'name' && value !== undefined) Object.assign(style, byName(value));
      else if (name === 'outlineLvl') setLevel(style, value);
      else if (name === 'numPr') style.isList = true;
      else if (name === 'pageBreakBefore') style.breaksPage = isOn(value);
    },
    close(name) {
      if (name === 'style') style = null;
    },
  });
  for (const [id, own] of styles) styles.set(id, inherited(styles, own));
  return styles;
}

/** The names of built-in styles are the same in every language that Word speaks. */
function byName(name: string): ParagraphStyle {
  const heading = /^heading ([1-6])$/i.exec(name);
  if (heading) return { level: Number(heading[1]) };
  if (/^title$/i.test(name)) return { level: 1 };
  if (/^(html preformatted|source code|plain text|preformatted text|macro)$/i.test(name)) return { isCode: true };
  return {};
}

/** Word counts levels from 0; 9 is body text. */
export function setLevel(style: ParagraphStyle, value: string | undefined): void {
  const level = Number(value);
  if (level >= 0 && level < 9) style.level = Math.min(level + 1, 6);
  else delete style.level;
}

export function isOn(value: string | undefined): boolean {
  return value === undefined || !/^(0|false|off)$/.test(value);
}

function inherited(styles: Map<string, ParagraphStyle>, own: ParagraphStyle): ParagraphStyle {
  const seen = new Set<ParagraphStyle>();
  let style: ParagraphStyle | undefined = own;
  let merged: ParagraphStyle = {};
  // Styles may name each other in a circle.
  while (style && !seen.has(style) && seen.size < 50) {
    seen.add(style);
    merged = { ...style, ...merged };
    style = style.basedOn === undefined ? undefined : styles.get(style.basedOn);
  }
  return merged;
}
