import { count } from '../count.ts';
import { formatNumber } from '../language.ts';

/** What an answer rests on. */
export const sources = {
  sources: {
    label: 'Sources',
    chip: (number: number, name: string, page: number | null) =>
      page === null ? `Source ${number}: ${name}` : `Source ${number}: ${name}, page ${formatNumber(page)}`,
    page: (page: number) => `page ${formatNumber(page)}`,
    others: (number: number) => `${count(number, 'more passage was', 'more passages were')} read`,
    read: (number: number) => `${count(number, 'passage was', 'passages were')} read`,
    found: (number: number) => `${count(number, 'passage', 'passages')} found`,
    panel: 'Source',
    close: 'Close the source',
    steps: 'Other sources',
    previous: 'Previous source',
    next: 'Next source',
    position: (at: number, all: number) => `${at} of ${all}`,
    deleted: 'This file has been deleted. What was quoted from it is kept with the answer.',
    download: 'Download the file',
    offsets: (start: number, end: number) => `characters ${formatNumber(start)} to ${formatNumber(end)}`,
    more: 'Show more of the text',
    around: 'The text around it could not be read.',
  },
};
