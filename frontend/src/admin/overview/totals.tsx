import { formatNumber } from '../../texts/language.ts';
import { texts } from '../../texts/texts.ts';
import { FigureTiles } from '../../ui/figure-tiles.tsx';
import type { System } from './live-figures.ts';

const NAMES = ['users', 'apiKeys', 'conversations', 'messages', 'files', 'chunks'] as const;

/** How much there is. */
export function Totals({ system }: { system: System | null }) {
  const words = texts.admin.overview;
  const figures = NAMES.map((name) => ({ label: words.total[name], value: system ? formatNumber(system[name]) : '—' }));
  return <FigureTiles label={words.totals} figures={figures} />;
}
