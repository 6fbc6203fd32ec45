import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { serve } from './app/serve.ts';

// The server, as the environment says. `colloquy serve --workers` runs it several times.
if (existsSync('.env')) loadEnvFile('.env');
await serve(process.env);
