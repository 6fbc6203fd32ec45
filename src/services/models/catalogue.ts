import { AppError } from '../../errors.ts';
import type { LanguageModel, ModelInfo, ProviderName } from '../../ports/language-model.ts';

export type ProviderReport = {
  models: ModelInfo[];
  latencyMs: number | null;
  /** Why it cannot be used, for an admin; null when it answered. */
  fault: string | null;
};

/** How old a list may be before it is asked for again. */
const FRESH_MS = 10_000;
/** How long whoever asks first waits; a provider that is slower counts as unreachable until it has answered. */
const PATIENCE_MS = 2_000;
/** From this age on whoever asks waits for a moment, rather than be told what was. */
const OLD_MS = 60_000;
const OLD_PATIENCE_MS = 300;
const REQUEST_MS = 10_000;
/** Its models are files of this machine, which may be slow, but is never out of reach. */
const LOCAL: ProviderName = 'llama-cpp';

type Entry = { report: ProviderReport | null; at: number; refreshing: Promise<ProviderReport> | null };

/** What the providers offer, remembered for seconds: a stale answer is given at once and renewed behind it. */
export function createCatalogue(providers: LanguageModel[], now: () => Date) {
  const entries = new Map<LanguageModel, Entry>(
    providers.map((provider) => [provider, { report: null, at: 0, refreshing: null }]),
  );
  const disposal = new AbortController();

  async function report(provider: LanguageModel): Promise<ProviderReport> {
    const entry = entries.get(provider);
    if (!entry) return { models: [], latencyMs: null, fault: 'not configured' };
    const fresh = entry.report && now().getTime() - entry.at < FRESH_MS;
    if (fresh && entry.report) return entry.report;
    entry.refreshing ??= refresh(provider, entry);
    if (!entry.report) return waitFor(provider, entry.refreshing, entry);
    // Nobody has asked for long: the answer may well be another one, and is worth a moment.
    const isOld = now().getTime() - entry.at > OLD_MS;
    return isOld ? withPatience(entry.refreshing, OLD_PATIENCE_MS, entry.report) : entry.report;
  }

  /** What is known of a provider without waiting. It is asked anew, behind this, only where that is old. */
  function peek(provider: LanguageModel): ModelInfo[] {
    const entry = entries.get(provider);
    if (!entry?.report || now().getTime() - entry.at > OLD_MS) void report(provider);
    return entry?.report?.models ?? [];
  }

  /** Something has changed there: whoever asks next waits for a new answer. One that is on its way may not know of it. */
  function forget(name: ProviderName): void {
    for (const provider of providers) {
      if (provider.provider === name) entries.set(provider, { report: null, at: 0, refreshing: null });
    }
  }

  /** Waits once: whoever comes later is told at once that it has not answered yet, until it has. */
  async function waitFor(
    { provider }: LanguageModel,
    pending: Promise<ProviderReport>,
    entry: Entry,
  ): Promise<ProviderReport> {
    const report = await withPatience(pending, provider === LOCAL ? REQUEST_MS : PATIENCE_MS, NOT_YET);
    if (!entry.report) {
      entry.report = report;
      entry.at = now().getTime();
    }
    return report;
  }

  async function refresh(provider: LanguageModel, entry: Entry): Promise<ProviderReport> {
    const started = performance.now();
    const signal = AbortSignal.any([disposal.signal, AbortSignal.timeout(REQUEST_MS)]);
    let result: ProviderReport;
    try {
      const models = await provider.listModels(signal);
      result = { models, latencyMs: Math.round(performance.now() - started), fault: null };
    } catch (error) {
      const fault = error instanceof AppError ? error.message : `The provider ${provider.provider} did not answer.`;
      result = { models: [], latencyMs: null, fault };
    }
    entry.report = result;
    entry.at = now().getTime();
    entry.refreshing = null;
    return result;
  }

  return { report, peek, forget, dispose: () => disposal.abort() };
}

const NOT_YET: ProviderReport = { models: [], latencyMs: null, fault: 'It has not answered yet.' };

/** What comes in time, else `otherwise`. */
async function withPatience(
  pending: Promise<ProviderReport>,
  milliseconds: number,
  otherwise: ProviderReport,
): Promise<ProviderReport> {
  let timer: NodeJS.Timeout | undefined;
  const slow = new Promise<ProviderReport>((resolve) => {
    timer = setTimeout(resolve, milliseconds, otherwise);
  });
  try {
    return await Promise.race([pending, slow]);
  } finally {
    clearTimeout(timer);
  }
}
