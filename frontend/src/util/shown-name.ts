/** Characters that turn the direction of what follows, or that cannot be seen: a name made of them passes for another. */
const DECEPTIVE = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu;

/** A file's name as a person may be shown it. Whoever named the file is not trusted. */
export const shownName = (name: string): string => name.replace(DECEPTIVE, '').trim() || '?';
