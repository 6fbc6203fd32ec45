import { isBarrel } from './imports.ts';
import type { SourceFile, Violation } from './source-file.ts';

const MAX_LINES = 400;
const KEBAB_CASE = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
/** The entry of a published package has to be one file. */
const PACKAGE_ENTRIES = ['sdk/src/index.ts'];

/** What holds for every file that a person writes: its name, its length, that it has something of its own. */
export function checkFile(file: SourceFile): Violation[] {
  const violations: Violation[] = [];
  const report = (rule: string, message: string) => violations.push({ path: file.path, line: 1, rule, message });
  const misnamed = file.path.split('/').find((part) => !KEBAB_CASE.test(part));
  if (misnamed !== undefined) report('names', `${misnamed} is not in kebab-case`);
  const lines = file.source.trimEnd().split('\n').length;
  if (lines > MAX_LINES) report('length', `${lines} lines: split it at ${MAX_LINES}, better at 250`);
  if (isBarrel(file.source) && !PACKAGE_ENTRIES.includes(file.path)) {
    report('barrels', 'only passes on what other files export: import from those');
  }
  return violations;
}
