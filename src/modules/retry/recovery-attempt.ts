import type { AttemptStatus, Strategy } from './domain/schedule';

/** One attempt to collect a declined renewal. */
export interface RecoveryAttempt {
  id: string;
  caseId: string;
  invoiceId: string;
  customerId: string;
  number: number;
  strategy: Strategy;
  status: AttemptStatus;
  dueAt: Date;
  methodRef: string | null;
  requestedBy: string | null;
  runs: number;
  intentId: string | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  lastErrorType: string | null;
  declineCode: string | null;
  adviceCode: string | null;
  networkAdviceCode: string | null;
  ticketId: string | null;
  createdAt: Date;
}

/** By what the charge of its present run is known. */
export function chargeKeyOf({ id, runs }: Pick<RecoveryAttempt, 'id' | 'runs'>): string {
  return `recovery:${id}:${runs}`;
}
