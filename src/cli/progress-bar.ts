import type { PullStep } from '../app/models-session.ts';
import { formatBytes } from '../util/format-bytes.ts';
import { createTransferRate } from '../util/transfer-rate.ts';

export type ProgressBar = { show(progress: PullStep): void; end(): void };

const SHOW_MS = 100;
const TELL_SHARE = 0.1;
const BAR_WIDTH = 24;

/** A line that is written again and again; where that cannot be, a line for each tenth. */
export function createProgressBar(options: {
  write: (text: string) => void;
  columns: number | null;
  now: () => number;
}): ProgressBar {
  const { write, columns, now } = options;
  let shownAt = Number.NEGATIVE_INFINITY;
  let shown = '';
  let told = 0;
  const rateOf = createTransferRate(now);

  function lineOf({ status, completedBytes, totalBytes }: PullStep): string {
    if (completedBytes === null) return status;
    const rate = rateOf(completedBytes);
    const speed = rate === null ? '' : `  ${formatBytes(rate)}/s`;
    if (totalBytes === null) return `${status}  ${formatBytes(completedBytes)}${speed}`;
    const share = totalBytes === 0 ? 1 : Math.min(1, completedBytes / totalBytes);
    const full = Math.round(share * BAR_WIDTH);
    const bar = '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
    const left =
      rate && completedBytes < totalBytes ? `  ${formatSeconds((totalBytes - completedBytes) / rate)} left` : '';
    const sizes = `${formatBytes(completedBytes)} of ${formatBytes(totalBytes)}`;
    return `${status} ${bar} ${Math.floor(share * 100)} %  ${sizes}${speed}${left}`;
  }

  function showInPlace(progress: PullStep): void {
    if (now() - shownAt < SHOW_MS && progress.completedBytes !== progress.totalBytes) return;
    shownAt = now();
    const line = lineOf(progress).slice(0, Math.max(1, (columns ?? 80) - 1));
    write(`\r${line}${' '.repeat(Math.max(0, shown.length - line.length))}`);
    shown = line;
  }

  function showInLines(progress: PullStep): void {
    const { completedBytes, totalBytes, status } = progress;
    const share = completedBytes !== null && totalBytes ? completedBytes / totalBytes : 0;
    if (status === shown && share < told + TELL_SHARE) return;
    write(`${lineOf(progress)}\n`);
    told = Math.floor(share / TELL_SHARE) * TELL_SHARE;
    shown = status;
  }

  return {
    show: columns === null ? showInLines : showInPlace,
    end() {
      if (columns !== null && shown !== '') write('\n');
    },
  };
}

function formatSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}
