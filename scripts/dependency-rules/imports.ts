export type Import = {
  specifier: string;
  line: number;
  /** Erased before the program runs. */
  typeOnly: boolean;
  /** `import()`: runs when it is reached, not when the module is loaded. */
  dynamic: boolean;
  /** Names that are taken, without their aliases; types that are marked one by one are left out. */
  names: string[];
  reExport: boolean;
};

/**
 * Biome formats every file, so a statement begins at the start of its line, and nothing in between can be a string: that
 * is what makes an expression reliable enough here.
 */
const STATEMENT = /^(import|export)\b(?:([^'";]*?)\bfrom\s*|\s*)['"]([^'"\n]+)['"]/gm;
const DYNAMIC = /^(?![ \t]*(?:\/\/|\*)).*?\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/gm;

export function readImports(source: string): Import[] {
  const lineAt = (index: number) => source.slice(0, index).split('\n').length;
  const statements = [...source.matchAll(STATEMENT)].map((match): Import => {
    const [, keyword, clause = '', specifier = ''] = match;
    return {
      specifier,
      line: lineAt(match.index),
      typeOnly: /^\s*type\b(?!\s*,|\s+from\b)/.test(clause),
      dynamic: false,
      names: readNames(clause),
      reExport: keyword === 'export',
    };
  });
  const calls = [...source.matchAll(DYNAMIC)].map((match): Import => {
    const [, specifier = ''] = match;
    return { specifier, line: lineAt(match.index), typeOnly: false, dynamic: true, names: [], reExport: false };
  });
  return [...statements, ...calls];
}

/** Whether the file does nothing but pass on what others export. */
export function isBarrel(source: string): boolean {
  if (!readImports(source).some((found) => found.reExport)) return false;
  const rest = source
    .replace(/^export\b[^'";]*?\bfrom\s*['"][^'"\n]+['"];?/gm, '')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
  return rest.trim() === '';
}

function readNames(clause: string): string[] {
  const braced = /\{([\s\S]*)\}/.exec(clause)?.[1] ?? '';
  const outside = clause.replace(/\{[\s\S]*\}/, '').replace(/^\s*type\b/, '');
  return [...outside.split(','), ...braced.split(',')]
    .map((part) => part.trim())
    .filter((part) => part !== '' && !part.startsWith('type '))
    .map((part) => part.split(/\s+as\s+/)[0] ?? part);
}
