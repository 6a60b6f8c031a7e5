import {
  Counter,
  type CounterConfiguration,
  collectDefaultMetrics,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  type Metric,
  Registry,
} from 'prom-client';

export type { Counter, Gauge, Histogram } from 'prom-client';

/**
 * The metrics of one process. Names start with `pilotfish_`; labels are only `namespace`, `cluster` and, on few gauges,
 * `instance`; histograms never are per instance: series cost time at each scrape.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #ours: Metric[] = [];

  /** `defaults` adds the process's own CPU, memory, event loop and garbage collection metrics. */
  constructor({ defaults = true }: { readonly defaults?: boolean } = {}) {
    if (defaults) collectDefaultMetrics({ register: this.#registry });
  }

  counter<L extends string = never>(options: Omit<CounterConfiguration<L>, 'registers'>): Counter<L> {
    return this.#add(new Counter<L>({ ...options, registers: [this.#registry] }));
  }

  /** Per-instance gauges: pass `collect` and set them from current state, so that they cannot go stale. */
  gauge<L extends string = never>(options: Omit<GaugeConfiguration<L>, 'registers'>): Gauge<L> {
    return this.#add(new Gauge<L>({ ...options, registers: [this.#registry] }));
  }

  histogram<L extends string = never>(options: Omit<HistogramConfiguration<L>, 'registers'>): Histogram<L> {
    return this.#add(new Histogram<L>({ ...options, registers: [this.#registry] }));
  }

  /** Removes every series that carries all of these labels; for an object that is gone. */
  async forget(labels: Readonly<Record<string, string>>): Promise<void> {
    const wanted = Object.entries(labels);
    for (const metric of this.#ours) {
      const { values } = await metric.get();
      for (const value of values) {
        const { le: _le, ...own } = value.labels as Record<string, string>;
        if (wanted.every(([name, text]) => own[name] === text)) metric.remove(own);
      }
    }
  }

  /** Text in the Prometheus exposition format. */
  render(): Promise<string> {
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  #add<M extends Metric>(metric: M): M {
    this.#ours.push(metric);
    return metric;
  }
}
