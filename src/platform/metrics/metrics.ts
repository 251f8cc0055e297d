import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

interface MetricInit<L extends string> {
  /** `kassa_..._total` for counters, `kassa_..._seconds` for durations (Prometheus' naming rules). */
  readonly name: string;
  readonly help: string;
  /** Few values each: every combination is a time series of its own, so never an id. */
  readonly labelNames?: readonly L[];
}

/**
 * Memory, event loop and garbage collection belong to the process. They are watched once for all its applications: the client
 * offers no way to stop, so watching for each would keep all that a closed one's gauges reach, and leave it a 10 ms timer.
 */
const processRegistry = new Registry();

/** At the first application's start, not for whoever only loads the code. */
function watchProcess(): void {
  if (processRegistry.getMetricsAsArray().length === 0) collectDefaultMetrics({ register: processRegistry });
}

/**
 * The application's metrics, in a registry of its own: two applications in one process (tests, tools) must not share counts.
 * Asking twice for one name gives the same metric, so services need not agree on who makes it first.
 */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();
  /** By route template, never by URL: ids in labels would grow without end. */
  readonly httpDuration: Histogram<'method' | 'route' | 'status'>;

  constructor() {
    watchProcess();
    this.httpDuration = this.histogram({
      name: 'kassa_http_request_duration_seconds',
      help: 'Time from the request line to the last byte of the answer',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    });
  }

  counter<L extends string = never>(init: MetricInit<L>): Counter<L> {
    const existing = this.registry.getSingleMetric(init.name);
    return existing instanceof Counter ? existing : new Counter<L>({ ...init, registers: [this.registry] });
  }

  /** `collect` runs at every scrape and sets the gauge; what it throws is left to the scrape to report. */
  gauge<L extends string = never>(
    init: MetricInit<L> & { readonly collect?: (gauge: Gauge<L>) => void | Promise<void> },
  ): Gauge<L> {
    const existing = this.registry.getSingleMetric(init.name);
    if (existing instanceof Gauge) return existing;
    const { collect, ...rest } = init;
    const gauge: Gauge<L> = new Gauge<L>({
      ...rest,
      registers: [this.registry],
      ...(collect && { collect: () => collect(gauge) }),
    });
    return gauge;
  }

  /** Buckets in the unit of the name, seconds for durations. */
  histogram<L extends string = never>(init: MetricInit<L> & { readonly buckets: readonly number[] }): Histogram<L> {
    const existing = this.registry.getSingleMetric(init.name);
    if (existing instanceof Histogram) return existing;
    return new Histogram<L>({ ...init, buckets: [...init.buckets], registers: [this.registry] });
  }

  /** All metrics, the process's too, in the text format a Prometheus server reads; `contentType` names its version. */
  async render(): Promise<{ contentType: string; body: string }> {
    const all = Registry.merge([processRegistry, this.registry]);
    return { contentType: all.contentType, body: await all.metrics() };
  }
}
