import { useState } from 'react';
import { texts } from '../../texts/texts.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import styles from './secret-examples.module.css';

type Example = 'curl' | 'sdk';

const EXAMPLES: readonly Example[] = ['curl', 'sdk'];

/** How a program uses its key: ready to be run. */
export function SecretExamples({ secret }: { secret: string }) {
  const words = texts.admin.keys.secret;
  const [shown, setShown] = useState<Example>('curl');
  const url = new URL('/graphql', location.href).href;
  const code = shown === 'curl' ? curlExample(url, secret) : sdkExample(url, secret);
  return (
    <figure className={styles.examples} aria-label={words.examples}>
      <figcaption>
        {EXAMPLES.map((example) => (
          <button key={example} type="button" aria-pressed={example === shown} onClick={() => setShown(example)}>
            {words[example]}
          </button>
        ))}
        <CopyButton label={words.copyExample} text={() => code} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <pre tabIndex={0}>{code}</pre>
    </figure>
  );
}

// A secret has letters, digits, - and _, and an address no apostrophe: nothing in the quotes ends them.
const curlExample = (url: string, secret: string): string =>
  [
    `curl ${url} \\`,
    `  -H 'X-API-Key: ${secret}' \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '{"query":"{ viewer { apiKey { clientName tokensUsedToday } } }"}'`,
  ].join('\n');

const sdkExample = (url: string, secret: string): string =>
  [
    `import { createClient, textOf } from '@colloquy/sdk';`,
    '',
    `const client = createClient({`,
    `  url: '${url}',`,
    `  apiKey: '${secret}',`,
    '});',
    `for await (const text of textOf(client.chat({ text: 'Hello' }))) process.stdout.write(text);`,
  ].join('\n');
