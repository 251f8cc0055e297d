import { jsonLine, median, percentile, ratioOf, table } from '../../bench/support/report';
import { webhookEvent } from '../../bench/support/webhook-events';

const result = { case: '50 connections', ours: 4500.4, floor: 5000, unit: 'requests/s' };

describe('the report of a benchmark', () => {
  it('takes the middle, or the mean of the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(() => median([])).toThrow(RangeError);
  });

  it('takes percentiles by the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect([0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([50, 99, 100]);
    expect(percentile([7], 0.01)).toBe(7);
    expect(() => percentile([], 0.5)).toThrow(RangeError);
  });

  it('is one line of JSON per case, or a table', () => {
    expect(ratioOf(result)).toBe(0.9);
    expect(JSON.parse(jsonLine('webhook-ingest', result))).toEqual({
      bench: 'webhook-ingest',
      case: '50 connections',
      ours: 4500,
      floor: 5000,
      unit: 'requests/s',
      ratio: 0.9,
    });
    expect(table([result]).split('\n')).toHaveLength(2);
  });
});

describe('the events a benchmark sends', () => {
  it('are as large as real ones, and distinct', () => {
    const events = Array.from({ length: 14 }, (_, i) => webhookEvent(`evt_${i}`, i));
    for (const [i, event] of events.entries()) {
      expect(JSON.parse(event)).toMatchObject({ id: `evt_${i}`, type: 'invoice.paid' });
      expect(Buffer.byteLength(event)).toBeGreaterThanOrEqual(3_600);
      expect(Buffer.byteLength(event)).toBeLessThanOrEqual(4_200);
    }
  });
});
