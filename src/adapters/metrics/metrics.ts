import {
  Counter,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValueWithName,
  Registry,
} from 'prom-client';
import type { MetricSample, Metrics, Reading, ReadMetric } from '../../ports/metrics.ts';
import { withDeadline } from '../../util/deadline.ts';
import { processMetrics } from './process-metrics.ts';

export type MetricsOptions = {
  /** On every sample: which of several processes behind one port it is of, say. */
  labels?: Record<string, string>;
  /** How long a source may take. */
  readMs?: number;
};

type Source = { definitions: [name: string, definition: ReadMetric][]; read: () => Promise<Record<string, Reading[]>> };

/** Less than whoever scrapes waits, by far. */
const READ_MS = 1_000;
const MOST_SAMPLES = 5_000;

/** A registry of its own for every server, over prom-client. */
export function createMetrics({ labels = {}, readMs = READ_MS }: MetricsOptions = {}): Metrics {
  const own = new Registry();
  // The same metrics, with the labels of this server.
  const process = Registry.merge([processMetrics()]);
  const sources: Source[] = [];
  for (const registry of [own, process]) registry.setDefaultLabels(labels);

  /** A registry for one answer: what cannot be read now is not in it, and answers that overlap share nothing. */
  async function readSources(): Promise<Registry> {
    const registry = new Registry();
    registry.setDefaultLabels(labels);
    const all = await Promise.all(
      sources.map(({ read }) => withDeadline(readMs, undefined, read).catch((): Record<string, Reading[]> => ({}))),
    );
    for (const [index, { definitions }] of sources.entries()) {
      for (const [name, definition] of definitions) {
        const readings = all[index]?.[name];
        if (readings) register(registry, definition, readings);
      }
    }
    return registry;
  }

  const registries = async () => [own, await readSources(), process];

  return {
    counter(definition) {
      const counter = new Counter({ ...settings(definition), registers: [own] });
      return { add: (values, amount = 1) => counter.inc(values, amount) };
    },
    histogram({ buckets, ...definition }) {
      const histogram = new Histogram({ ...settings(definition), buckets, registers: [own] });
      return { observe: (values, value) => histogram.observe(values, value) };
    },
    source(definitions, read) {
      let reading: Promise<Record<string, Reading[]>> | undefined;
      const begin = async () => (await read()) as Record<string, Reading[]>;
      sources.push({
        definitions: Object.entries<ReadMetric>(definitions),
        // One that hangs is not asked again and again.
        read: () => {
          reading ??= begin().finally(() => {
            reading = undefined;
          });
          return reading;
        },
      });
    },
    async exposition() {
      const texts = await Promise.all((await registries()).map((registry) => registry.metrics()));
      return { contentType: own.contentType, text: texts.filter((text) => text.trim() !== '').join('\n') };
    },
    async samples() {
      const metrics = await Promise.all((await registries()).map((registry) => registry.getMetricsAsJSON()));
      return metrics.flat().flatMap(samplesOf).slice(0, MOST_SAMPLES);
    },
  };
}

function settings<Label extends string>({
  name,
  help,
  labels,
}: {
  name: string;
  help: string;
  labels: readonly Label[];
}) {
  return { name, help, labelNames: [...labels] };
}

function register(registry: Registry, definition: ReadMetric, readings: Reading[]): void {
  const options = { ...settings(definition), registers: [registry] };
  if (definition.type === 'counter') {
    const counter = new Counter(options);
    for (const { labels = {}, value } of readings) counter.inc(labels, value);
  } else {
    const gauge = new Gauge(options);
    for (const { labels = {}, value } of readings) gauge.set(labels, value);
  }
}

/** A number that is none is not a sample: nothing was measured yet. */
function samplesOf(metric: MetricObjectWithValues<MetricValueWithName<string>>): MetricSample[] {
  const { name, help, values } = metric;
  const type = String(metric.type);
  return values
    .filter(({ value }) => Number.isFinite(value))
    .map(({ metricName = name, labels, value }) => ({ name: metricName, type, help, labels: texts(labels), value }));
}

function texts(labels: Partial<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([label, value]) => [label, String(value)]));
}
