// `npm run test:faults -- --rounds 10`: the faults of several instances, again and again, each time with another seed.
// `--seed 7` begins with that one; what else is given goes to vitest. Ends at the first round that fails.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '10' }, seed: { type: 'string' } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
const test = fileURLToPath(new URL('test.mjs', import.meta.url));
const files = positionals.length > 0 ? positionals : ['test/faults/instances'];

for (let round = 1; round <= rounds; round += 1) {
  const seed = values.seed === undefined ? randomInt(1, 2 ** 31) : Number(values.seed) + round - 1;
  console.log(`\nRound ${round} of ${rounds}: FAULT_SEED=${seed}`);
  const code = await new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [test, ...files], {
      env: { ...process.env, FAULT_SEED: String(seed) },
      stdio: 'inherit',
    });
    child.on('error', reject);
    child.on('close', (exitCode) => resolve(exitCode ?? 1));
  });
  if (code !== 0) {
    console.error(`Round ${round} failed. Again: npm run test:faults -- --rounds 1 --seed ${seed}`);
    process.exit(code);
  }
}
console.log(`\n${rounds} rounds passed.`);
