import { sentenceOf, type TicketEntry } from './ticket-timeline';

const entry = (type: string, words: TicketEntry['words']): TicketEntry => ({
  ...{ at: new Date(0), key: 'k', kind: 'event', type, objectType: 'ticket', objectId: 'tkt_1', actorId: null },
  words,
});

describe('the sentence about an entry', () => {
  it.each<[string, TicketEntry['words'], string]>([
    ['ticket.opened', { text: 'A refund has come back' }, 'Opened: A refund has come back'],
    ['note', { text: 'Called back' }, 'Called back'],
    ['note', { text: null }, 'A note that was erased'],
    ['event.received', { name: 'invoice.paid', status: 'failed', code: 'X' }, 'invoice.paid came in: failed (X)'],
    ['event.received', { name: 'invoice.paid', status: 'processed', code: null }, 'invoice.paid came in: processed'],
    ['attempt.failed', { number: 2, code: 'lost_card' }, 'Attempt 2 was declined (lost_card)'],
    ['attempt.succeeded', { number: 3, strategy: 'manual' }, 'Attempt 3 was paid (manual)'],
    [
      'ticket.edit',
      { status: 'open', priority: 'low', assignee: null, noteChanged: 'true' },
      'Changed: open, low, nobody has it, with a note',
    ],
    [
      'ticket.edit',
      { status: 'investigating', priority: 'low', assignee: 'op-2', noteChanged: 'false' },
      'Changed: investigating, low, assigned to op-2',
    ],
    ['ticket.breach', { priority: 'urgent' }, 'Late: priority urgent from now on'],
    ['dunning.reminder_due', {}, 'dunning.reminder_due'],
    ['inbox.failed', { code: 'PRICE_UNKNOWN' }, 'inbox.failed (PRICE_UNKNOWN)'],
    ['constructor', {}, 'constructor'],
  ])('%s %j', (type, words, sentence) => {
    expect(sentenceOf(entry(type, words))).toBe(sentence);
  });
});
