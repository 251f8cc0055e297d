export const TIMELINE_KINDS = ['ticket', 'event', 'attempt', 'note', 'audit'] as const;

/**
 * One thing in the life of a ticket. event: something told, by a provider or in this house, about what the ticket is about;
 * attempt: money that was tried to be collected; audit: what operators, or Kassa itself, did with the ticket.
 */
export interface TicketEntry {
  /** Business time. */
  at: Date;
  /** Unique in a timeline; orders what happened at one moment. */
  key: string;
  kind: (typeof TIMELINE_KINDS)[number];
  /** `ticket.opened`, `invoice.paid`, `attempt.failed`, `note`, `ticket.edit`. */
  type: string;
  objectType: string;
  objectId: string;
  /** User id of who did or wrote it; null where nobody did. */
  actorId: string | null;
  /** What its sentence is made of. */
  words: Record<string, string | number | null>;
}

type Words = TicketEntry['words'];
type Sentence = (words: Words) => string;

const said = (word: string | number | null | undefined): string => (word ? ` (${word})` : '');

const SENTENCES: Readonly<Record<string, Sentence>> = {
  'ticket.opened': ({ text }) => `Opened: ${text ?? ''}`,
  note: ({ text }) => (text === null ? 'A note that was erased' : String(text)),
  'event.received': ({ name, status, code }) => `${name ?? 'An event'} came in: ${status ?? ''}${said(code)}`,
  'attempt.scheduled': (w) => `Attempt ${w['number'] ?? ''} is planned${said(w['strategy'])}`,
  'attempt.charging': (w) => `Attempt ${w['number'] ?? ''} is under way${said(w['strategy'])}`,
  'attempt.succeeded': (w) => `Attempt ${w['number'] ?? ''} was paid${said(w['strategy'])}`,
  'attempt.failed': (w) => `Attempt ${w['number'] ?? ''} was declined${said(w['code'])}`,
  'attempt.unknown': (w) => `What became of attempt ${w['number'] ?? ''} is not known yet`,
  'attempt.skipped': (w) => `Attempt ${w['number'] ?? ''} was not needed any more`,
  'attempt.canceled': (w) => `Attempt ${w['number'] ?? ''} was called off`,
  'ticket.edit': ({ status, priority, assignee, noteChanged }) =>
    `Changed: ${[status, priority, assignee === null ? 'nobody has it' : `assigned to ${assignee ?? ''}`].join(', ')}${
      noteChanged === 'true' ? ', with a note' : ''
    }`,
  'ticket.resolve': () => 'Resolved by hand',
  'ticket.retry': () => 'To be done once more',
  'ticket.retry_succeeded': () => 'Done once more, and resolved',
  'ticket.retry_failed': () => 'Done once more in vain, and open again',
  'ticket.moot': () => 'Resolved: its cause is gone by itself',
  'ticket.breach': ({ priority }) => `Late: priority ${priority ?? ''} from now on`,
  'webhook_event.replay': () => 'The event was put back to be handled',
};

/** Pure: the entry in one sentence, without personal data but for what a note says. */
export function sentenceOf({ type, words }: TicketEntry): string {
  const sentence = Object.hasOwn(SENTENCES, type) ? SENTENCES[type] : undefined;
  return sentence ? sentence(words) : `${type}${said(words['code'])}`;
}
