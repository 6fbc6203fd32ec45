import { openModelsSession } from '../app/models-session.ts';
import { runCommand } from './command.ts';
import { MODELS_USAGE, readModelsArguments, runModels } from './run-models.ts';

// `npm run models`: what models there are, and getting more.
process.exit(
  await runCommand({
    usage: MODELS_USAGE,
    read: readModelsArguments,
    async run(command, config, signal) {
      const session = openModelsSession(config);
      try {
        return await runModels({
          command,
          session,
          write: (text) => void process.stdout.write(text),
          columns: process.stdout.isTTY ? (process.stdout.columns ?? 80) : null,
          now: () => performance.now(),
          signal,
        });
      } finally {
        await session.close();
      }
    },
  }),
);
