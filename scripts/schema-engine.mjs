#!/usr/bin/env node
// Stands in for Prisma's native `schema-engine` program, which would have to be downloaded. The Prisma CLI starts it when
// PRISMA_SCHEMA_ENGINE_BINARY names it; `scripts/prisma.mjs` sees to that.
import { parseArguments } from './schema-engine/arguments.ts';
import { runDatabaseCommand } from './schema-engine/database-command.ts';
import { openEngine } from './schema-engine/engine.ts';
import { serve } from './schema-engine/protocol.ts';

const { command, schemaFiles, url } = parseArguments(process.argv.slice(2));

if (command === 'version') console.log('schema-engine-cli wasm');
else if (command === 'serve') await serve(process.stdin, process.stdout, () => openEngine({ schemaFiles, url }));
else process.exitCode = await runDatabaseCommand(command, url);
// A driver may keep an idle connection, which would keep the process.
process.exit();
