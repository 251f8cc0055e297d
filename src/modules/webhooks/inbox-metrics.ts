import type { Counter } from 'prom-client';
import type { Metrics } from '../../platform/metrics';

/** Inbox rows settled: processed, ignored, or failed for good. */
export function inboxHandled(metrics: Metrics): Counter<'outcome'> {
  return metrics.counter({
    name: 'kassa_inbox_handled_total',
    help: 'Inbox rows settled, by outcome',
    labelNames: ['outcome'],
  });
}
