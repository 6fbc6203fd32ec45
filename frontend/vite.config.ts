import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { precompress } from './precompress.ts';

const server = 'http://127.0.0.1:4000';

export default defineConfig(({ command }) => {
  // Whatever the environment that builds says: React has a slow variant for all but this.
  if (command === 'build') process.env.NODE_ENV = 'production';
  return {
    plugins: [react(), precompress()],
    // The SDK's sources, not what is built from them for npm.
    resolve: { conditions: ['@colloquy/source', 'module', 'browser', 'development|production'] },
    build: {
      target: 'es2023',
      // The server's content policy allows no inline code, and no browser here needs the polyfill.
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      // One file: all of it is needed for the first conversation.
      chunkSizeWarningLimit: 700,
    },
    server: {
      port: 5173,
      strictPort: true,
      proxy: {
        '/graphql': { target: server, ws: true },
        '/files': { target: server },
        '/health': { target: server },
      },
    },
  };
});
