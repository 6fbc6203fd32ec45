import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { firstQuestion } from './first-question.ts';
import { precompress } from './precompress.ts';
import { replaceAtOnce } from './replace-at-once.ts';

/** Of the server that the page is developed against. */
const server = process.env.COLLOQUY_URL ?? 'http://127.0.0.1:4000';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig(({ command }) => {
  // Whatever the environment that builds says: React has a slow variant for all but this.
  if (command === 'build') process.env.NODE_ENV = 'production';
  return {
    plugins: [react(), firstQuestion(), precompress(), replaceAtOnce(here('dist'), here('node_modules'))],
    // The SDK's sources, not what is built from them for npm.
    resolve: {
      conditions: ['@colloquy/source', 'module', 'browser', 'development|production'],
      alias: {
        'decode-named-character-reference': here('src/markdown/decode-entity.ts'),
      },
    },
    build: {
      target: 'es2023',
      // The server's content policy allows no inline code, and no browser here needs the polyfill.
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      // One file: all of it is needed for the first conversation, but for what is asked before the rest has come.
      chunkSizeWarningLimit: 700,
      rolldownOptions: {
        output: {
          codeSplitting: {
            groups: [
              { name: 'first-question', test: /src\/app\/first-question\.ts$/, priority: 1 },
              { name: 'page', tags: ['$initial'] },
            ],
          },
        },
      },
    },
    server: {
      host: '127.0.0.1',
      port: 5173,
      strictPort: true,
      proxy: {
        '/graphql': { target: server, ws: true },
        '/files': { target: server },
        '/export': { target: server },
        '/import': { target: server },
        '/health': { target: server },
      },
    },
  };
});
