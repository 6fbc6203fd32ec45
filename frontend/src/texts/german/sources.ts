import { count } from '../count.ts';
import type { sources as english } from '../english/sources.ts';
import { formatNumber } from '../language.ts';

export const sources: typeof english = {
  sources: {
    label: 'Quellen',
    chip: (number, name, page) =>
      page === null ? `Quelle ${number}: ${name}` : `Quelle ${number}: ${name}, Seite ${formatNumber(page)}`,
    page: (page) => `Seite ${formatNumber(page)}`,
    others: (number) => `${count(number, 'weitere Textstelle', 'weitere Textstellen')} gelesen`,
    read: (number) => `${count(number, 'Textstelle', 'Textstellen')} gelesen`,
    found: (number) => `${count(number, 'Textstelle', 'Textstellen')} gefunden`,
    panel: 'Quelle',
    close: 'Quelle schließen',
    steps: 'Andere Quellen',
    previous: 'Vorige Quelle',
    next: 'Nächste Quelle',
    position: (at, all) => `${at} von ${all}`,
    deleted: 'Diese Datei wurde gelöscht. Was daraus zitiert wurde, bleibt bei der Antwort.',
    download: 'Datei herunterladen',
    offsets: (start, end) => `Zeichen ${formatNumber(start)} bis ${formatNumber(end)}`,
    more: 'Mehr vom Text anzeigen',
    around: 'Der Text ringsum konnte nicht gelesen werden.',
  },
};
