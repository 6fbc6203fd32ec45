import { memory } from '../util/memory.ts';

/** The languages that the page speaks, by their own names. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;

export type Language = keyof typeof LANGUAGES;

const KEY = 'colloquy.language';

export const isLanguage = (value: unknown): value is Language => typeof value === 'string' && value in LANGUAGES;

/** What a person has chosen here, or null: then the browser's languages decide. */
export const chosenLanguage = (): Language | null => memory.read(KEY, isLanguage);

/** Holds from the next time that the page is loaded. */
export const chooseLanguage = (language: Language | null): void => memory.write(KEY, language);

/** The first of the browser's languages that the page speaks. */
export function browserLanguage(): Language {
  for (const tag of navigator.languages) {
    const [language] = tag.toLowerCase().split('-');
    if (isLanguage(language)) return language;
  }
  return 'en';
}

export const pageLanguage: Language = chosenLanguage() ?? browserLanguage();

/** For dates and numbers: the browser's own variant of the language where it has one ("en-GB"). */
export const locale: string = navigator.languages.find((tag) => tag.split('-')[0] === pageLanguage) ?? pageLanguage;

export const formatNumber = (number: number, maximumFractionDigits = 0): string =>
  number.toLocaleString(locale, { maximumFractionDigits });

/** The time of a day: "09:05", in American English "9:05 AM". `isExact`: to the second. */
export const formatClock = (moment: Date, isExact = false): string =>
  moment.toLocaleTimeString(locale, { timeStyle: isExact ? 'medium' : 'short' });

/** A part of a whole, 0 to 1: "45%", in German "45 %". */
export const formatPercent = (part: number): string => part.toLocaleString(locale, { style: 'percent' });
