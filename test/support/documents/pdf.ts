import { deflateSync } from 'node:zlib';

/** Objects by their number, without "obj" and "endobj"; streams as { dictionary, data }. */
export type PdfObjects = Record<number, string | { dictionary: string; data: Buffer }>;

/** Writes a PDF of objects, of which 1 is the catalogue. */
export function pdf(objects: PdfObjects): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n', 'latin1')];
  const offsets = new Map<number, number>();
  let at = parts[0]?.length ?? 0;
  const push = (bytes: Buffer) => {
    parts.push(bytes);
    at += bytes.length;
  };
  for (const [key, object] of Object.entries(objects)) {
    offsets.set(Number(key), at);
    if (typeof object === 'string') push(Buffer.from(`${key} 0 obj\n${object}\nendobj\n`, 'latin1'));
    else {
      push(Buffer.from(`${key} 0 obj\n<<${object.dictionary} /Length ${object.data.length}>>\nstream\n`, 'latin1'));
      push(object.data);
      push(Buffer.from('\nendstream\nendobj\n', 'latin1'));
    }
  }
  const count = [...offsets.keys()].reduce((most, number) => Math.max(most, number), 0) + 1;
  const table = Array.from({ length: count }, (_, number) => {
    const offset = offsets.get(number);
    return offset === undefined ? '0000000000 65535 f \n' : `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const start = at;
  push(
    Buffer.from(
      `xref\n0 ${count}\n${table.join('')}trailer\n<</Size ${count} /Root 1 0 R>>\nstartxref\n${start}\n%%EOF\n`,
      'latin1',
    ),
  );
  return Buffer.concat(parts);
}

const FONT = 3;
const BRANCH = 50;

/** A PDF with so many pages, each of these lines of text. */
export function pdfOfPages(pages: number, linesOf: (page: number) => string[]): Buffer {
  const objects: PdfObjects = {
    1: '<</Type /Catalog /Pages 2 0 R>>',
    [FONT]: '<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>',
  };
  // As programs write it: a tree, in which a page is found without looking at all others.
  const branches = Array.from({ length: Math.ceil(pages / BRANCH) }, (_, index) => 10 + index);
  const numberOf = (page: number) => 10 + branches.length + page * 2;
  for (const [index, branch] of branches.entries()) {
    const kids = Array.from(
      { length: Math.min(BRANCH, pages - index * BRANCH) },
      (_, kid) => `${numberOf(index * BRANCH + kid)} 0 R`,
    );
    objects[branch] = `<</Type /Pages /Parent 2 0 R /Kids [${kids.join(' ')}] /Count ${kids.length}>>`;
    for (let page = index * BRANCH; page < index * BRANCH + kids.length; page++) {
      const number = numberOf(page);
      objects[number] =
        `<</Type /Page /Parent ${branch} 0 R /MediaBox [0 0 595 842] /Resources <</Font <</F ${FONT} 0 R>>>> /Contents ${number + 1} 0 R>>`;
      objects[number + 1] = {
        dictionary: '/Filter /FlateDecode',
        data: deflateSync(Buffer.from(drawing(linesOf(page + 1)))),
      };
    }
  }
  objects[2] = `<</Type /Pages /Kids [${branches.map((branch) => `${branch} 0 R`).join(' ')}] /Count ${pages}>>`;
  return pdf(objects);
}

function drawing(lines: string[]): string {
  const shown = lines.map((line) => `(${line.replace(/[()\\]/g, '\\$&')}) Tj T*`).join('\n');
  return `BT /F 11 Tf 14 TL 60 780 Td\n${shown}\nET`;
}
