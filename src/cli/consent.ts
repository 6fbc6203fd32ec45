import { confirm } from './confirm.ts';
import { EXIT, Failure } from './exit-codes.ts';
import { openQuestions } from './questions.ts';

/** Asks before something is lost. Throws Failure when the person says no, or there is nobody to be asked. */
export async function requireConsent(question: string, yes: boolean | undefined): Promise<void> {
  if (yes) return;
  const terminal = openQuestions();
  try {
    if (!terminal.interactive) throw new Failure(`${question} Nobody can be asked here: add --yes.`, EXIT.usage);
    const answer = await confirm(terminal, question);
    if (!answer) throw new Failure('Nothing was changed.', answer === null ? EXIT.interrupted : EXIT.failed);
  } finally {
    terminal.close();
  }
}
