import type { Command } from '@commander-js/extra-typings';
import { examples, JSON_OPTION } from '../options.ts';
import type { ModelsCommand } from '../run-models.ts';
import type { Shell } from '../shell.ts';

export function addModels(program: Command, shell: Shell): void {
  const models = program
    .command('models')
    .summary('models: what there is, and how to get more')
    .description(
      'Models: what there is, and how to get more. No server needs to run. Files go to MODELS_DIR; HF_ENDPOINT and HF_TOKEN say where they come from.',
    )
    .addHelpText(
      'after',
      examples(
        'models list',
        'models pull ollama/llama3.2:3b',
        'models pull llama-cpp/hf:owner/repository:Q4_K_M',
        'models pull llama-cpp/hf:owner/repository/file.gguf',
        'models pull --list-files llama-cpp/hf:owner/repository',
        'models remove llama-cpp/file.gguf',
      ),
    );
  models
    .command('list')
    .description('the models of this machine and of the configured providers')
    .addOption(JSON_OPTION)
    .action(({ json = false }) => run({ type: 'list', json }));
  models
    .command('pull')
    .description('get one; what was broken off goes on where it was')
    .argument('<model>', 'such as ollama/llama3.2:3b or llama-cpp/hf:owner/repository:Q4_K_M')
    .option('--list-files', 'only show what a repository offers')
    .addOption(JSON_OPTION)
    .action((model, { listFiles, json = false }) =>
      run(listFiles ? { type: 'files', source: model, json } : { type: 'pull', model, json }),
    );
  models
    .command('remove')
    .description('delete one')
    .argument('<model>', 'as list names it')
    .addOption(JSON_OPTION)
    .action((model, { json = false }) => run({ type: 'remove', model, json }));

  async function run(command: ModelsCommand): Promise<void> {
    const [{ openModelsSession }, { readConfig }, { runModels }] = await Promise.all([
      import('../../app/models-session.ts'),
      import('../../config.ts'),
      import('../run-models.ts'),
    ]);
    const session = openModelsSession(readConfig(shell.environment()));
    const { write, columns } = shell;
    try {
      const now = () => performance.now();
      process.exitCode = await runModels({ command, session, write, columns, now, signal: shell.signal() });
    } finally {
      await session.close();
    }
  }
}
