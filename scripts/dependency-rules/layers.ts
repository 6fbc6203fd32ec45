/**
 * Who may know whom inside `src/`. A zone is the file or the folder directly below it; "services" and "adapters" have a
 * folder for each service and each port, which is a house of its own: see `within`.
 */
export type Layer = {
  /** Zones whose values may be imported, and with them their types. */
  values: string[];
  /** Zones of which only types may be imported. */
  types: string[];
  /** What a folder may import from its siblings in the same zone. Default: everything. */
  siblings?: 'nothing' | 'types';
};

export const LAYERS: Record<string, Layer> = {
  main: { values: ['app'], types: [] },
  app: {
    values: [
      'app',
      'welcome',
      'config',
      'errors',
      'util',
      'adapters',
      'services',
      'graphql',
      'transport',
      'ports',
      'generated',
    ],
    types: [],
  },
  welcome: { values: ['util'], types: ['config', 'app', 'ports', 'services'] },
  transport: {
    values: ['transport', 'graphql', 'errors', 'util'],
    types: ['services', 'ports', 'config', 'generated'],
  },
  graphql: { values: ['graphql', 'errors', 'util', 'generated'], types: ['services', 'ports', 'config'] },
  services: { values: ['services', 'ports', 'errors', 'util'], types: ['generated'], siblings: 'types' },
  adapters: { values: ['adapters', 'ports', 'errors', 'util'], types: [], siblings: 'nothing' },
  // Commands that work on the data without a server put its parts together themselves.
  cli: { values: ['cli', 'app', 'errors', 'util', 'config'], types: [] },
  ports: { values: ['ports'], types: ['errors', 'generated'] },
  util: { values: ['util', 'errors', 'ports'], types: ['generated'] },
  errors: { values: [], types: [] },
  config: { values: ['errors'], types: [] },
  generated: { values: ['generated'], types: [] },
};

/** Prisma is the database port. These of its values describe queries and failures; only its adapter opens a client. */
export const PRISMA_VALUES = new Set(['Prisma']);
export const PRISMA_ENUMS = 'src/generated/prisma/enums.ts';
/** The folder of adapters that may. */
export const DATABASE_ADAPTER = 'src/adapters/db/';

/** Packages that are somebody's: named by the zones of `src/` that may import them. Others are free. */
export const PACKAGES: { pattern: RegExp; zones: string[] }[] = [
  {
    pattern:
      /^(openai|ollama|chromadb|node-llama-cpp|pg|pg-boss|unpdf|saxes|yauzl|linkedom|htmlparser2|@mozilla\/readability|file-type|chardet|stemmer|ioredis|rate-limiter-flexible|undici|jsonwebtoken|cockatiel|pino.*|prom-client|pglite-prisma-adapter|@electric-sql\/.*|@prisma\/adapter-.*|@node-rs\/.*|@opentelemetry\/.*)$/,
    zones: ['adapters'],
  },
  { pattern: /^@prisma\/client(\/.*)?$/, zones: ['adapters', 'generated'] },
  { pattern: /^@pothos\/.*$/, zones: ['graphql', 'generated'] },
  { pattern: /^(ws|busboy|graphql-ws|graphql-sse|graphql-yoga|@graphql-yoga\/.*)$/, zones: ['transport'] },
  { pattern: /^graphql$/, zones: ['graphql', 'transport'] },
  { pattern: /^(@colloquy\/sdk|commander|@commander-js\/.*)$/, zones: ['cli'] },
];

/** Who may read the environment. Everything else is given its settings. */
export const READS_ENVIRONMENT = ['src/config.ts', 'src/main.ts', 'src/cli/'];
