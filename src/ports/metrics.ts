/** By name. Every label has few values: those that the code or the configuration knows, never what a client sends. */
export type Labels<Label extends string> = Readonly<Record<Label, string>>;

export type MetricDefinition<Label extends string> = {
  /** Unique; what it counts in, and `_total` for what only grows, at its end. */
  name: string;
  help: string;
  labels: readonly Label[];
};

export type Counter<Label extends string> = { add(labels: Labels<Label>, amount?: number): void };
export type Histogram<Label extends string> = { observe(labels: Labels<Label>, value: number): void };

export type Reading = { labels?: Readonly<Record<string, string>>; value: number };
export type ReadMetric = MetricDefinition<string> & { type: 'gauge' | 'counter' };

/** One number, as it stands in a line of the exposition. Of a histogram: `_bucket`, `_sum` and `_count`. */
export type MetricSample = { name: string; type: string; help: string; labels: Record<string, string>; value: number };

/** The figures of one server. */
export type Metrics = {
  counter<const Label extends string>(definition: MetricDefinition<Label>): Counter<Label>;
  /** `buckets`: upper bounds, ascending. */
  histogram<const Label extends string>(definition: MetricDefinition<Label> & { buckets: number[] }): Histogram<Label>;
  /**
   * What is kept elsewhere, and read together whenever somebody asks for the figures. Whatever `read` leaves out, and all
   * of it when `read` throws or takes too long, is absent then.
   */
  source<const Name extends string>(
    definitions: Record<Name, ReadMetric>,
    read: () => Promise<Partial<Record<Name, Reading[]>>> | Partial<Record<Name, Reading[]>>,
  ): void;
  /** In the text format of Prometheus, with its content type. Never rejects for what cannot be read. */
  exposition(): Promise<{ contentType: string; text: string }>;
  /** The same as values. Not more than a few thousand. */
  samples(): Promise<MetricSample[]>;
};
