// `npm test`: starts the services that the tests need, runs vitest with the given arguments, stops the services.
// The last line says how many tests passed and failed, for programs that read it.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { provisionServices } from '../test/support/services/provision.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'colloquy-test-'));
const report = join(folder, 'report.json');

let interrupted;
let child;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted = signal;
    child?.kill(signal);
  });
}

let services;
let exitCode = 1;
try {
  services = await provisionServices();
  if (!interrupted) exitCode = await runVitest(services.environment);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
} finally {
  await services?.stop();
}
const { passed, failed } = count(exitCode);
rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(interrupted ? 130 : exitCode);

function runVitest(environment) {
  const words = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return new Promise((resolve, reject) => {
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    child = spawn(process.execPath, [vitest, ...words, ...process.argv.slice(2)], {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: 'inherit',
    });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** A file that could not be loaded counts as a failure, and so does a run that failed without a failed test. */
function count(code) {
  let passed = 0;
  let failed = 0;
  try {
    const { testResults, ...totals } = JSON.parse(readFileSync(report, 'utf8'));
    const broken = testResults.filter(
      (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
    );
    passed = totals.numPassedTests;
    failed = totals.numFailedTests + broken.length;
  } catch {
    // No report: vitest did not get that far.
  }
  return { passed, failed: failed === 0 && code !== 0 ? 1 : failed };
}
