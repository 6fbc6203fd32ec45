import { createTerminal, type Terminal } from './terminal.ts';

/** Questions to a person, beside the output, which may go to a file. */
export function openQuestions(): Terminal {
  return createTerminal({
    input: process.stdin,
    output: process.stderr,
    colours: false,
    onSignal(handler) {
      process.on('SIGINT', handler);
      return () => void process.off('SIGINT', handler);
    },
  });
}
