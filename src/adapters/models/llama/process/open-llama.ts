import { getLlama, type Llama, NoBinaryFoundError } from 'node-llama-cpp';
import type { LoadSettings } from '../messages.ts';
import { Refusal } from '../refusal.ts';

/** llama.cpp's library, for the GPU if there is one that is wanted. It is never built here, and nothing is downloaded. */
export async function openLlama(options: {
  gpu: LoadSettings['gpu'];
  log?: (message: string) => void;
}): Promise<Llama> {
  const { gpu, log = () => {} } = options;
  try {
    return await getLlama({
      gpu: gpu === 'off' ? false : gpu,
      build: 'never',
      skipDownload: true,
      progressLogs: false,
      // How many threads there are is said where a context is made, and said exactly.
      maxThreads: 0,
      logger: (_level, message) => log(message.trim()),
    });
  } catch (error) {
    if (!(error instanceof NoBinaryFoundError)) throw error;
    throw new Refusal(
      'missing',
      gpu === 'off' || gpu === 'auto'
        ? 'There is no build of llama.cpp for this machine.'
        : `There is no build of llama.cpp for ${gpu} here: \`npm run llama:gpu -- ${gpu}\` gets it.`,
    );
  }
}
