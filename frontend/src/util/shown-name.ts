/** Characters that turn the direction of what follows, or that cannot be seen: a name made of them passes for another. */
const DECEPTIVE = /[\p{Cc}\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/gu;

/** A file's name as a person may be shown it. Whoever named the file is not trusted. */
export const shownName = (name: string): string => name.replace(DECEPTIVE, '').trim() || '?';
