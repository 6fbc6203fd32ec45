import { fileURLToPath, pathToFileURL } from 'node:url';
import { print } from 'graphql';
import type { Plugin } from 'vite';

const QUERY = 'virtual:first-question';
const SCRIPT = fileURLToPath(new URL('src/app/first-question.ts', import.meta.url));

/**
 * Runs src/app/first-question.ts before the rest of the page, which takes much longer to come and to be read. For that its
 * query is printed here: the SDK's documents, and what prints them, are part of the rest.
 */
export function firstQuestion(): Plugin {
  return {
    name: 'first-question',
    resolveId: (id) => (id === QUERY ? `\0${QUERY}` : null),
    async load(id) {
      if (id !== `\0${QUERY}`) return null;
      const sdk = await this.resolve('@colloquy/sdk', SCRIPT);
      if (!sdk) return this.error('The SDK is not there.');
      const { ConversationDocument } = await import(pathToFileURL(sdk.id).href);
      return `export const query = ${JSON.stringify(print(ConversationDocument))};`;
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }) {
        const chunk = Object.values(bundle).find((file) => file.type === 'chunk' && file.moduleIds.includes(SCRIPT));
        if (!chunk) return [];
        // `async`: as soon as it is there, whatever else is still to come. By itself that would make it the last to be fetched.
        const attrs = { type: 'module', async: true, fetchpriority: 'high', crossorigin: true };
        return [{ tag: 'script', attrs: { ...attrs, src: `/${chunk.fileName}` }, injectTo: 'head-prepend' }];
      },
    },
  };
}
