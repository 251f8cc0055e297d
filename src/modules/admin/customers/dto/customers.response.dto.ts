import { ApiProperty } from '@nestjs/swagger';
import { amountToJson } from '../../../../shared/money';
import { InvoiceResponse, SubscriptionResponse, toInvoiceResponse, toSubscriptionResponse } from '../../../billing';
import type { CustomerPage } from '../customer-page.service';
import type { FoundCustomer } from '../customer-search.repository';
import { AccessResponse, toAccessResponse } from './access.response.dto';

export class FoundCustomerResponse {
  @ApiProperty({ example: 'cust_01jd8x2m5n' })
  id!: string;

  @ApiProperty({ example: 'auth0|5f7c8ec7', description: "The `sub` of the identity provider's token" })
  userId!: string;

  @ApiProperty({ type: String, nullable: true, example: 'anna@example.com' })
  email!: string | null;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'A person has one trial' })
  trialUsedAt!: string | null;
}

export class FoundCustomerList {
  @ApiProperty({ type: [FoundCustomerResponse] })
  data!: FoundCustomerResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export class AccountResponse {
  @ApiProperty({ enum: ['stripe', 'apple', 'google', 'wise'] })
  provider!: string;

  @ApiProperty({ example: 'cus_QxT8m2' })
  providerId!: string;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
}

export class CustomerResponse extends FoundCustomerResponse {
  @ApiProperty({ type: [AccountResponse], description: 'The customer as providers know him' })
  accounts!: AccountResponse[];
}

export class CreditBalanceResponse {
  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ description: "Minor units in the customer's favour, by our books", example: 1000 })
  amount!: number;
}

export class CurrencyTotalsResponse {
  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ description: 'Minor units, what was paid outside the providers included', example: 5800 })
  paid!: number;

  @ApiProperty({ example: 2900 })
  refunded!: number;
}

export class OpenTicketResponse {
  @ApiProperty({ example: 'tkt_01jd8x2m5n' })
  id!: string;

  @ApiProperty({ example: 'webhook_failure' })
  type!: string;

  @ApiProperty({ enum: ['low', 'normal', 'high', 'urgent'] })
  priority!: string;

  @ApiProperty({ enum: ['open', 'investigating'] })
  status!: string;

  @ApiProperty({ example: 'customer.subscription.updated from stripe could not be handled: PRICE_UNKNOWN' })
  summary!: string;

  @ApiProperty({ type: String, nullable: true, description: "The operator's user id" })
  assigneeId!: string | null;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
}

export class CustomerPageResponse {
  @ApiProperty({ type: CustomerResponse })
  customer!: CustomerResponse;

  @ApiProperty({ type: [SubscriptionResponse], description: 'Ended ones too, the newest first' })
  subscriptions!: SubscriptionResponse[];

  @ApiProperty({ type: [InvoiceResponse], description: 'What is still to be paid, the newest first' })
  openInvoices!: InvoiceResponse[];

  @ApiProperty({ type: [CreditBalanceResponse] })
  credit!: CreditBalanceResponse[];

  @ApiProperty({ type: [CurrencyTotalsResponse] })
  totals!: CurrencyTotalsResponse[];

  @ApiProperty({ type: [AccessResponse], description: 'Why access: every feature and what gives it' })
  access!: AccessResponse[];

  @ApiProperty({ type: [OpenTicketResponse] })
  tickets!: OpenTicketResponse[];
}

export function toFoundCustomer(customer: FoundCustomer): FoundCustomerResponse {
  const { id, userId, email } = customer;
  return { id, userId, email, ...timesOf(customer) };
}

function timesOf({ createdAt, trialUsedAt }: FoundCustomer): { createdAt: string; trialUsedAt: string | null } {
  return { createdAt: createdAt.toISOString(), trialUsedAt: trialUsedAt?.toISOString() ?? null };
}

export function toCustomerPage(page: CustomerPage): CustomerPageResponse {
  const { id, userId, email } = page.customer;
  const accounts = page.accounts.map((account) => ({ ...account, createdAt: account.createdAt.toISOString() }));
  return {
    customer: { id, userId, email, ...timesOf(page.customer), accounts },
    subscriptions: page.subscriptions.map(toSubscriptionResponse),
    openInvoices: page.openInvoices.map(toInvoiceResponse),
    credit: page.credit.map(({ currency, amount }) => ({ currency, amount: amountToJson(amount) })),
    totals: page.totals.map(({ currency, paid, refunded }) => ({
      currency,
      paid: amountToJson(paid),
      refunded: amountToJson(refunded),
    })),
    access: page.access.map(toAccessResponse),
    tickets: page.tickets.map((ticket) => ({ ...ticket, createdAt: ticket.createdAt.toISOString() })),
  };
}
