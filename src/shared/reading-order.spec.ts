import { newId } from './ids';
import { hasSeen } from './reading-order';

describe('whether a reading has seen an event', () => {
  const at = Date.UTC(2026, 0, 15);
  const [earlier, asked, later] = [newId('fact', at), newId('evt', at), newId('fact', at)];

  it('has, when it was begun after the event was recorded, within one millisecond too', () => {
    expect(hasSeen({ sourceId: `read:${asked}` }, { id: earlier })).toBe(true);
    expect(hasSeen({ sourceId: `answer:${newId('int', at + 1)}` }, { id: later })).toBe(true);
  });

  it('may not have, when the event came after it was begun', () => {
    expect(hasSeen({ sourceId: `read:${asked}` }, { id: later })).toBe(false);
  });

  it('may not have, when the reading does not say when it was begun', () => {
    expect(hasSeen({ sourceId: 'evt_1ABC' }, { id: earlier })).toBe(false);
    expect(hasSeen({ sourceId: 'answer:' }, { id: earlier })).toBe(false);
  });
});
