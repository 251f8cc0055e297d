import { Injectable } from '@nestjs/common';
import { isAppError } from '../../../shared/app-error';
import { UnitOfWork } from '../../../platform/database';
import { StripeInvoiceGateway } from '../../../providers/stripe';
import { InvoicesRepository } from '../invoices.repository';

/** Where an invoice is paid, as its provider says this moment. */
export interface PayPage {
  /** It can still be paid. */
  open: boolean;
  /** Null where the provider has no page for it. */
  url: string | null;
}

/**
 * Reads the page on which an invoice is paid anew: the one we know is as old as our last word about the invoice, and the
 * provider lets its links expire (docs.stripe.com/invoicing/hosted-invoice-page: 30 days after the due date).
 */
@Injectable()
export class PaymentLinks {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly invoices: InvoicesRepository,
    private readonly stripe: StripeInvoiceGateway,
  ) {}

  /** Null where there is no such invoice. @throws as the provider's calls. */
  async fresh(invoiceId: string): Promise<PayPage | null> {
    const invoice = await this.unitOfWork.service((tx) => this.invoices.byId(tx, invoiceId));
    if (!invoice) return null;
    const { provider, providerId, status, hostedUrl } = invoice;
    if (status !== 'open') return { open: false, url: null };
    if (provider !== 'stripe') return { open: true, url: hostedUrl };
    try {
      return await this.stripe.payPage(providerId);
    } catch (error) {
      if (isAppError(error) && error.kind === 'not_found') return null;
      throw error;
    }
  }
}
