import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Metrics } from './metrics';

describe('Metrics', () => {
  it('shows the process and what the application counts, without what another one counts', async () => {
    const [one, other] = [new Metrics(), new Metrics()];
    one.counter({ name: 'kassa_things_total', help: 'Things' }).inc(3);
    other.counter({ name: 'kassa_things_total', help: 'Things' }).inc();
    const { body, contentType } = await one.render();
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(body).toMatch(/^kassa_things_total 3$/m);
    for (const name of [
      'process_cpu_seconds_total',
      'nodejs_eventloop_lag_p99_seconds',
      'nodejs_gc_duration_seconds',
    ]) {
      expect(body.match(new RegExp(`^# TYPE ${name} `, 'gm'))).toHaveLength(1);
    }
  });

  it('lets a closed application go with all that its gauges reach', async () => {
    const gone = new WeakRef(closed());
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    // A weak reference keeps its target for the rest of the turn that made it.
    await nextTurn();
    collectGarbage();
    expect(gone.deref()).toBeUndefined();
  });
});

/** What a gauge reads, of an application that nobody uses any more. */
function closed(): object {
  const read = { value: 1 };
  const collect = (gauge: { set(value: number): void }): void => {
    gauge.set(read.value);
  };
  new Metrics().gauge({ name: 'kassa_read', help: 'Read', collect });
  return read;
}
