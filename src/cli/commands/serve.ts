import type { Command } from '@commander-js/extra-typings';
import { examples, wholeNumber } from '../options.ts';
import type { Shell } from '../shell.ts';

const MOST_WORKERS = 64;

export function addServe(program: Command, shell: Shell): void {
  program
    .command('serve')
    .summary('run the server')
    .description('Run the server, with the settings of the environment and of the file .env.')
    .option('--host <address>', 'listen on this address; default: HOST, else 127.0.0.1')
    .option('--port <number>', 'listen on this port; default: PORT, else 4000; 0: any free one', wholeNumber(0, 65_535))
    .option(
      '--workers <count>',
      'processes behind the one port; more than one need DATABASE_URL and REDIS_URL',
      wholeNumber(1, MOST_WORKERS),
      1,
    )
    .addHelpText('after', examples('serve', 'serve --host 0.0.0.0 --port 8080', 'serve --workers 4'))
    .action(async ({ host, port, workers }) => {
      const environment = {
        ...shell.environment(),
        ...(host !== undefined && { HOST: host }),
        ...(port !== undefined && { PORT: String(port) }),
      };
      if (workers > 1) {
        const { serveWorkers } = await import('../../app/serve-workers.ts');
        process.exit(await serveWorkers(environment, workers));
      }
      const { serve } = await import('../../app/serve.ts');
      await serve(environment);
      // Its end is that of the process.
      await new Promise(() => {});
    });
}
