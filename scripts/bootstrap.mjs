// Runs before `npm start`, `npm test` and `npm run chat`, on whatever Node the machine has (20 or newer), so it uses
// nothing but Node itself. It installs what is missing and does nothing when all is there.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages } from './bootstrap/install.mjs';
import { checkNodeVersion } from './bootstrap/node-version.mjs';
import { buildPage } from './bootstrap/page.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  await installPackages(root);
  checkNodeVersion(root);
  // The chat in the terminal and the tests need no page.
  if (process.argv.includes('--page')) await buildPage(root);
} catch (error) {
  console.error(`colloquy: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
