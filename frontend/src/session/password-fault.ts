import { texts } from '../texts/texts.ts';

/** As on the server. */
const SHORTEST = 8;

/** Why the server has refused a new password, in the language of the page. */
export const passwordFault = (password: string): string =>
  password.length < SHORTEST ? texts.register.passwordHint : texts.register.passwordCommon;
