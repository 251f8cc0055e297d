import type { KeptAnswer } from './idempotency.repository';

/** Thrown instead of running a handler again; the error filter sends the first answer as it was, success or not. */
export class ReplayedAnswer extends Error {
  constructor(readonly answer: KeptAnswer) {
    super('Answered by replay');
    this.name = 'ReplayedAnswer';
  }
}
