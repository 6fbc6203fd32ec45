import { formatNumber } from './language.ts';

/** A number with its noun. */
export const count = (number: number, one: string, many: string): string =>
  `${formatNumber(number)} ${number === 1 ? one : many}`;
