import { posix } from 'node:path';
import type { Archive } from './archive.ts';
import { attribute, parseXml } from './xml.ts';

export type Relationship = { id: string; type: string; target: string };

/** The parts that a part of an Office file refers to, by the folder beside it; those inside the file only. */
export async function readRelationships(archive: Archive, part: string): Promise<Relationship[]> {
  const folder = posix.dirname(part);
  const path = posix.join(folder, '_rels', `${posix.basename(part)}.rels`);
  const found: Relationship[] = [];
  if (!archive.has(path)) return found;
  await parseXml(archive.read(path), {
    open(name, attributes) {
      const target = attribute(attributes, 'Target');
      if (name !== 'Relationship' || !target || attribute(attributes, 'TargetMode') === 'External') return;
      found.push({
        id: attribute(attributes, 'Id') ?? '',
        type: (attribute(attributes, 'Type') ?? '').split('/').at(-1) ?? '',
        target: target.startsWith('/') ? posix.normalize(target).slice(1) : posix.join(folder, target),
      });
    },
  });
  return found;
}

/** The path of the part that the file is about, such as word/document.xml. */
export async function mainPart(archive: Archive, usual: string): Promise<string> {
  const related = await readRelationships(archive, '');
  const main = related.find(({ type, target }) => type === 'officeDocument' && archive.has(target));
  return main?.target ?? usual;
}
