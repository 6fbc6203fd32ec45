import { ConfigError } from '../config.ts';
import { AppError } from '../errors.ts';

/** Says on standard error why the server cannot start. */
export function tellWhyNot(error: unknown): void {
  if (error instanceof ConfigError)
    console.error(`Colloquy cannot start:\n${error.faults.map((fault) => `  ${fault}`).join('\n')}`);
  else if (error instanceof AppError) console.error(`Colloquy cannot start: ${error.message}`);
  else if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
    console.error('Colloquy cannot start: the port is in use. Set PORT to another one.');
  } else console.error('Colloquy cannot start:', error);
}
