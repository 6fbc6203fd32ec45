import type { App } from './app.ts';
import type { Config } from './config.ts';

/** What a person who has just started the server wants to know. */
export async function welcome(app: App, config: Config): Promise<string> {
  const { version } = await app.services.health.report();
  const { provider, name } = await app.services.models.defaultModel();
  const database = app.database.engine === 'pglite' ? `embedded, in ${config.DATA_DIR}` : 'PostgreSQL';
  const lines = [
    `Colloquy ${version} is ready.`,
    '',
    `  Page      ${app.url}/`,
    `  GraphiQL  ${app.url}/graphql`,
    `  Health    ${app.url}/health`,
    '',
    `  Database  ${database}`,
    `  Model     ${provider}/${name}`,
  ];
  if (provider === 'builtin') lines.push(...HOW_TO_CONFIGURE);
  if (!(await app.database.prisma.user.findFirst({ where: { kind: 'PERSON' }, select: { id: true } }))) {
    const who = config.ADMIN_USERNAME ? `The account "${config.ADMIN_USERNAME}"` : 'The first account that registers';
    lines.push('', `  ${who} becomes the admin.`);
  }
  return `\n${lines.join('\n')}\n`;
}

const HOW_TO_CONFIGURE = [
  '',
  '  No language model is configured: answers come from the built-in answerer. To have a real one',
  '    · npm run models -- pull llama-cpp/hf:Qwen/Qwen3-4B-GGUF:Q4_K_M (2.5 GB, runs on this machine); or',
  '    · start Ollama and pull a model (npm run models -- pull ollama/llama3.2:3b); or',
  '    · set OPENAI_API_KEY, and OPENAI_BASE_URL for any compatible server.',
  '  A model that is pulled is seen within seconds. Settings go into the environment or into a file .env;',
  '  .env.example lists them, docs/models.md says which model is for which machine.',
];
