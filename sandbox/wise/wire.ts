import { createPublicKey } from 'node:crypto';
import type { WiseBook } from './book';
import { toMajor } from './currencies';
import { balanceOption, isExpired } from './quotes';
import { hashOf, numberOf } from './recipients';
import type {
  AccountRecord,
  BalanceRecord,
  PaymentOption,
  QuoteRecord,
  SubscriptionRecord,
  TransferRecord,
} from './state';

const RATE_SCALE = 1e8;
const DAY = 86_400_000;

export const iso = (at: number): string => new Date(at).toISOString();
const amount = (minor: number, currency: string): object => ({ value: toMajor(minor, currency), currency });

export function quoteShown(book: WiseBook, quote: QuoteRecord, now: number): object {
  const { source, target, provided, createdAt, expiresAt } = quote;
  const price = balanceOption(quote);
  const status = quote.funded ? 'FUNDED' : quote.transferId !== null ? 'ACCEPTED' : 'PENDING';
  return {
    ...{ id: quote.id, sourceCurrency: source, targetCurrency: target },
    ...{ sourceAmount: toMajor(price.sourceAmount, source), targetAmount: toMajor(price.targetAmount, target) },
    ...{ payOut: quote.payOut, preferredPayIn: quote.preferredPayIn, rate: quote.rate / RATE_SCALE },
    ...{ createdTime: iso(createdAt), user: book.userId, profile: book.profileId, rateType: 'FIXED' },
    ...{ rateExpirationTime: iso(expiresAt), guaranteedTargetAmountAllowed: true, targetAmountAllowed: true },
    ...{ guaranteedTargetAmount: provided.type === 'TARGET', providedAmountType: provided.type },
    paymentOptions: quote.options.map((option) => optionShown(quote, option)),
    ...{ status: isExpired(quote, now) ? 'EXPIRED' : status, expirationTime: iso(expiresAt), notices: [] },
  };
}

function optionShown({ source, target, payOut, createdAt }: QuoteRecord, option: PaymentOption): object {
  const { payIn, fee, sourceAmount, targetAmount, disabled } = option;
  const delivery = createdAt + (payOut === 'BANK_TRANSFER' ? 1 : 2) * DAY;
  const total = toMajor(fee, source);
  const value = { amount: total, currency: source, label: `${total} ${source}` };
  return {
    ...{ disabled: disabled !== null, estimatedDelivery: iso(delivery), estimatedDeliveryDelays: [] },
    formattedEstimatedDelivery: `by ${new Date(delivery).toLocaleDateString('en-US', { month: 'short', day: 'numeric', timeZone: 'UTC' })}`,
    fee: { transferwise: total, payIn: 0, discount: 0, partner: 0, total },
    price: {
      ...{ priceSetId: 238, total: { type: 'TOTAL', label: 'Total fees', value } },
      items: [{ type: 'FEE', label: 'fee', value }],
    },
    ...{ sourceAmount: toMajor(sourceAmount, source), targetAmount: toMajor(targetAmount, target) },
    ...{ sourceCurrency: source, targetCurrency: target, payIn, payOut, allowedProfileTypes: ['PERSONAL', 'BUSINESS'] },
    ...{ payInProduct: 'CHEAP', feePercentage: Math.round((fee / sourceAmount) * 10_000) / 10_000 },
    ...(disabled && { disabledReason: disabled }),
  };
}

/** As `/v2/accounts` answers it, and the creation too. */
export function accountShown(book: WiseBook, account: AccountRecord): object {
  const { id, currency, country, type, name, active, details, ownedByCustomer } = account;
  const number = numberOf(account);
  const ending = `${currency} account ending in ${number.slice(-4)}`;
  return {
    ...{ id, creatorId: book.userId, profileId: book.profileId },
    name: {
      ...{ fullName: name, givenName: null, familyName: null, middleName: null, patronymicName: null },
      cannotHavePatronymicName: null,
    },
    ...{ currency, ...(country !== null && { country }), type: typeShown(type) },
    ...{ legalEntityType: details['legalType'] === 'BUSINESS' ? 'INSTITUTION' : 'PERSON', active },
    details: { reference: null, ...details, hashedByLooseHashAlgorithm: hashOf(account) },
    ...{ commonFieldMap: { accountNumberField: 'IBAN' in details ? 'IBAN' : 'accountNumber' }, hash: hashOf(account) },
    ...{ accountSummary: number, longAccountSummary: ending },
    displayFields: Object.entries(details).flatMap(([key, value]) =>
      typeof value === 'string' ? [{ key: `details/${key}`, label: key, value }] : [],
    ),
    ...{ isInternal: false, ownedByCustomer },
  };
}

/** `sort_code` is `SortCode` in the newer answers. */
function typeShown(type: string): string {
  return type.split('_').reduce((text, part) => text + part.slice(0, 1).toUpperCase() + part.slice(1), '');
}

/** As `/v1/accounts` answers it. */
export function oldAccountShown(book: WiseBook, account: AccountRecord): object {
  const { id, currency, country, type, name, active, details, ownedByCustomer } = account;
  return {
    ...{ id, business: null, profile: book.profileId, accountHolderName: name, currency },
    ...{ ...(country !== null && { country }), type, details, user: book.userId, active, ownedByCustomer },
  };
}

export function transferShown(book: WiseBook, transfer: TransferRecord): object {
  const { id, targetAccount, quoteId, state, details, createdAt, customerTransactionId } = transfer;
  const quote = book.quote(quoteId);
  const { sourceAmount, fee, targetAmount } = balanceOption(quote);
  const reference = details['reference'] ?? '';
  return {
    ...{ id, user: book.userId, targetAccount, sourceAccount: null, quote: null, quoteUuid: quoteId, status: state },
    ...{ reference, rate: quote.rate / RATE_SCALE, created: iso(createdAt).slice(0, 19).replace('T', ' ') },
    ...{ business: book.profileId, transferRequest: null, details: { reference } },
    ...{ hasActiveIssues: state === 'bounced_back', sourceCurrency: quote.source, targetCurrency: quote.target },
    // What is converted: the fee is taken off before.
    ...{ sourceValue: toMajor(sourceAmount - fee, quote.source), targetValue: toMajor(targetAmount, quote.target) },
    customerTransactionId,
  };
}

export function paymentsShown({ payment }: TransferRecord): object[] {
  if (!payment) return [];
  const { id, currency, at } = payment;
  return [
    {
      ...{ id, method: 'BALANCE', pricingVariant: null, amount: toMajor(payment.amount, currency), currency },
      ...{ timeCreated: iso(at), timeUpdated: iso(at) },
    },
  ];
}

export function balanceShown({ id, currency, amount: minor, createdAt, modifiedAt }: BalanceRecord): object {
  const all = amount(minor, currency);
  return {
    ...{ id, currency, type: 'STANDARD', name: null, icon: null, investmentState: 'NOT_INVESTED' },
    ...{ amount: all, reservedAmount: amount(0, currency), cashAmount: all, totalWorth: all },
    ...{ creationTime: iso(createdAt), modificationTime: iso(modifiedAt), visible: true },
  };
}

export function subscriptionShown(book: WiseBook, one: SubscriptionRecord): object {
  const { id, name, trigger, version, url, createdAt } = one;
  return {
    ...{ id, name, trigger_on: trigger, delivery: { version, url } },
    ...{
      scope: { domain: 'profile', id: String(book.profileId) },
      created_by: { type: 'user', id: String(book.userId) },
    },
    created_at: iso(createdAt),
  };
}

/** What webhooks are verified with, as PEM. @param key the private one */
export function publicKeyOf(key: string): string {
  return createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString();
}
