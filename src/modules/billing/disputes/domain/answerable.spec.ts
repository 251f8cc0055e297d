import type { DisputeStatus } from '../../../../shared/facts';
import { whyNotAnswerable } from './answerable';

const DUE = new Date('2026-01-24T23:59:59Z');
const EARLY = new Date('2026-01-15T10:00:00Z');
const codeOf = (status: DisputeStatus, now: Date, evidenceDueBy: Date | null = DUE): string | undefined =>
  whyNotAnswerable({ status, evidenceDueBy }, now)?.code;

describe('whyNotAnswerable', () => {
  it.each<[DisputeStatus, boolean]>([
    ['needs_response', true],
    ['warning_needs_response', true],
    ['under_review', false],
    ['warning_under_review', false],
    ['warning_closed', false],
    ['won', false],
    ['lost', false],
    ['prevented', false],
  ])('%s', (status, answerable) => {
    expect(codeOf(status, EARLY)).toBe(answerable ? undefined : 'INVALID_STATE_TRANSITION');
  });

  it('counts the due moment, and nothing after it', () => {
    expect(codeOf('needs_response', DUE)).toBeUndefined();
    expect(codeOf('needs_response', new Date(DUE.getTime() + 1))).toBe('EVIDENCE_TOO_LATE');
  });

  it('is never too late where no day is given', () => {
    expect(codeOf('needs_response', new Date('2099-01-01T00:00:00Z'), null)).toBeUndefined();
  });
});
