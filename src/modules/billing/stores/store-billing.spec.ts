import type { Fact, Stored } from '../../../shared/facts';
import { newsAmong } from './store-billing.service';

const fact = (objectId: string, status: string): Fact =>
  ({ provider: 'apple', objectType: 'subscription', objectId, payload: { status } }) as unknown as Fact;
const told = (objectId: string, status: string, at: number): Stored =>
  ({ ...fact(objectId, status), occurredAt: new Date(at), seq: BigInt(at) }) as unknown as Stored;

describe('newsAmong', () => {
  it.each<[string, Stored[], number]>([
    ['nothing known', [], 1],
    ['the same', [told('1', 'active', 1)], 0],
    ['the same, among others', [told('2', 'canceled', 9), told('1', 'active', 1)], 0],
    ['something else', [told('1', 'canceled', 1)], 1],
    ['the same, long ago', [told('1', 'active', 1), told('1', 'canceled', 2)], 1],
    ['the same, told before what is older', [told('1', 'active', 2), told('1', 'canceled', 1)], 0],
  ])('%s', (_, known, news) => {
    expect(newsAmong([fact('1', 'active')], known)).toHaveLength(news);
  });
});
