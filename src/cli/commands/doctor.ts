import type { Command } from '@commander-js/extra-typings';
import { EXIT } from '../exit-codes.ts';
import { examples, JSON_OPTION } from '../options.ts';
import type { Shell, Style } from '../shell.ts';

const MARKS: Record<'ok' | 'warn' | 'fail', { text: string; style: Style }> = {
  ok: { text: 'ok  ', style: 'green' },
  warn: { text: 'warn', style: 'yellow' },
  fail: { text: 'FAIL', style: 'red' },
};

export function addDoctor(program: Command, shell: Shell): void {
  program
    .command('doctor')
    .summary('look at every part, and say what to do')
    .description(
      'Look at every part that the settings name, and say what to do about what is not right. It changes nothing, and may be run beside a server. Exit code 1: something has to be mended.',
    )
    .addOption(JSON_OPTION)
    .addHelpText('after', examples('doctor', 'doctor --json | jq \'.checks[] | select(.state != "ok")\''))
    .action(async ({ json }) => {
      const { diagnose } = await import('../../app/doctor/diagnose.ts');
      const checks = await diagnose(shell.environment(), shell.signal());
      const failed = checks.filter(({ state }) => state === 'fail').length;
      process.exitCode = failed > 0 ? EXIT.failed : EXIT.done;
      if (json) return shell.write(`${JSON.stringify({ ok: failed === 0, checks })}\n`);
      const width = Math.max(...checks.map(({ part }) => part.length));
      for (const { part, state, message, advice } of checks) {
        const mark = shell.style(MARKS[state].style, MARKS[state].text);
        shell.write(`${mark}  ${part.padEnd(width)}  ${message}\n`);
        if (advice) shell.write(`${' '.repeat(width + 8)}→ ${advice}\n`);
      }
      const warned = checks.filter(({ state }) => state === 'warn').length;
      shell.write(`\n${checks.length} checks, ${warned} to look at, ${failed} to mend.\n`);
    });
}
