// `npm run check`: everything about the sources that is not a test. `npm run check -- types style` runs some of it.
// Says how to mend what it finds.
import { availableParallelism } from 'node:os';
import { checks } from './checks/checks.mjs';
import { runProgram } from './checks/run-program.mjs';

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in checks));
if (unknown.length > 0) {
  console.error(`check: no such check: ${unknown.join(', ')}. There are ${Object.keys(checks).join(', ')}.`);
  process.exit(1);
}

const waiting = names.length > 0 ? names : Object.keys(checks);
// Each takes a core or more; more than two at once only wait for each other's memory.
const workers = Array.from({ length: Math.min(2, availableParallelism()) }, work);
const failed = (await Promise.all(workers)).flat();
process.exit(failed.length > 0 ? 1 : 0);

async function work() {
  const failures = [];
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const { run, mend } = checks[name];
    const begin = performance.now();
    const { ok, output } = await run(runProgram);
    const seconds = `${((performance.now() - begin) / 1000).toFixed(1)} s`;
    if (ok) {
      console.log(`ok    ${name} (${seconds})`);
    } else {
      console.error(`${output.trim()}\nFAIL  ${name} (${seconds}): ${mend}\n`);
      failures.push(name);
    }
  }
  return failures;
}
