import type { Terminal } from './terminal.ts';

/** Whether the person says yes. Null: they have left. */
export async function confirm(terminal: Terminal, question: string): Promise<boolean | null> {
  const answer = await terminal.ask(`${question} [y/N] `);
  return answer === null ? null : /^y(es)?$/i.test(answer.trim());
}
