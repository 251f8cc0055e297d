import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { newId } from '../../../shared/ids';
import { AuditLog, type Actor } from '../../../platform/audit';
import { UnitOfWork, type Tx } from '../../../platform/database';
import { OwnAnswer } from '../../../platform/inbox';
import { StripeMoneyGateway, type AnsweredObject, type EvidenceText } from '../../../providers/stripe';
import { disputeNotFound } from './disputes.errors';
import { DisputesRepository, type Dispute } from './disputes.repository';
import { whyNotAnswerable } from './domain/answerable';

/**
 * Answers a dispute at Stripe. Not an intent: evidence holds personal data, which is not ours to keep, and to set the same
 * evidence twice, or to give up twice, is to do it once.
 */
@Injectable()
export class DisputeAnswerFlow {
  constructor(
    private readonly stripe: StripeMoneyGateway,
    private readonly answers: OwnAnswer,
    private readonly disputes: DisputesRepository,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /**
   * @param submit to the bank, for good; otherwise it is only kept at Stripe.
   * @throws DISPUTE_NOT_FOUND, INVALID_STATE_TRANSITION, EVIDENCE_TOO_LATE, and Stripe's refusals
   */
  async giveEvidence(id: string, evidence: EvidenceText, submit: boolean, actor: Actor): Promise<Dispute> {
    const dispute = await this.answerable(id);
    const after = { fields: Object.keys(evidence).sort(), submit };
    return this.answer(dispute, { actor, action: 'dispute.evidence', after }, (sourceId) =>
      this.stripe.giveEvidence(dispute.providerId, evidence, submit, sourceId),
    );
  }

  /** Gives the dispute up, for good. @throws as `giveEvidence` */
  async accept(id: string, actor: Actor): Promise<Dispute> {
    const dispute = await this.answerable(id);
    return this.answer(dispute, { actor, action: 'dispute.accept', after: {} }, (sourceId) =>
      this.stripe.acceptDispute(dispute.providerId, sourceId),
    );
  }

  private async answerable(id: string): Promise<Dispute> {
    const dispute = await this.unitOfWork.service((tx) => this.again(tx, id));
    const reason = whyNotAnswerable(dispute, this.clock.now());
    if (reason) throw reason;
    return dispute;
  }

  private async answer(
    dispute: Dispute,
    { actor, action, after }: { actor: Actor; action: string; after: object },
    send: (sourceId: string) => Promise<AnsweredObject>,
  ): Promise<Dispute> {
    const { snapshot } = await send(newId('req', this.clock.wall().getTime()));
    const { id, customerId, status } = dispute;
    return this.answers.take(customerId, snapshot, async (tx) => {
      const written = await this.again(tx, id);
      await this.audit.record(tx, {
        ...{ actor, action, objectType: 'dispute', objectId: id, customerId },
        before: { status },
        after: { ...after, status: written.status },
      });
      return written;
    });
  }

  private async again(tx: Tx, id: string): Promise<Dispute> {
    const dispute = await this.disputes.byId(tx, id);
    if (!dispute) throw disputeNotFound(id);
    return dispute;
  }
}
