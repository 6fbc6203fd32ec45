import { dirname } from 'node:path';
import { checkTree, formatViolation } from './dependency-rules/check-tree.ts';
import { readTree } from './dependency-rules/read-tree.ts';

const violations = checkTree(readTree(dirname(import.meta.dirname)));
for (const violation of violations) console.error(formatViolation(violation));
process.exitCode = violations.length > 0 ? 1 : 0;
