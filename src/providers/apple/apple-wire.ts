import type {
  Data,
  JWSRenewalInfoDecodedPayload,
  JWSTransactionDecodedPayload,
  ResponseBodyV2DecodedPayload,
} from '@apple/app-store-server-library';
import { validation } from '../../shared/app-error';

export type AppleEnvironment = 'Production' | 'Sandbox';

/** A transaction that has what every one of Apple's has. */
export type AppleTransaction = JWSTransactionDecodedPayload &
  Required<
    Pick<
      JWSTransactionDecodedPayload,
      'transactionId' | 'originalTransactionId' | 'productId' | 'purchaseDate' | 'type' | 'signedDate' | 'environment'
    >
  >;
export type AppleRenewal = JWSRenewalInfoDecodedPayload;

/** A notification with its parts decoded. */
export interface AppleNotification {
  id: string;
  type: string;
  subtype: string | null;
  signedDate: number;
  environment: AppleEnvironment;
  /** Of an auto-renewable subscription: 1 active, 2 expired, 3 billing retry, 4 grace period, 5 revoked. */
  status: number | null;
  transaction: AppleTransaction | null;
  renewal: AppleRenewal | null;
}

/**
 * Beyond it nothing is even decoded. A real notification has three signatures within one another, each with its chain, and is
 * about 20 KiB long.
 */
export const MAX_JWS_BYTES = 256 * 1024;
const JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** Beyond the year 2286 a time is not Apple's. */
const MAX_MS = 10_000_000_000_000;

/** The claims of a JWS, unverified: to choose its verifier by, or after it was verified. Null for what is none. */
export function claimsOf(jws: string): Record<string, unknown> | null {
  if (jws.length > MAX_JWS_BYTES || !JWS.test(jws)) return null;
  try {
    const claims: unknown = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return isRecord(claims) ? claims : null;
  } catch {
    return null;
  }
}

/** The environment that a notification, a transaction or a renewal info says it is of; null for any other than these two. */
export function environmentOf(claims: Record<string, unknown>): AppleEnvironment | null {
  const { data, summary, appData, externalPurchaseToken: token } = claims as ResponseBodyV2DecodedPayload;
  const isTest = token?.externalPurchaseId?.startsWith('SANDBOX') ?? false;
  const ofToken = token ? (isTest ? 'Sandbox' : 'Production') : undefined;
  const said = data?.environment ?? summary?.environment ?? appData?.environment ?? ofToken ?? claims['environment'];
  return said === 'Production' || said === 'Sandbox' ? said : null;
}

/** @throws INVALID_INPUT for a body that is not `{signedPayload}`. */
export function signedPayloadOf(rawBody: Buffer): string {
  const bad = (): Error => validation('INVALID_INPUT', 'The body is not {"signedPayload": "…"}');
  let body: unknown;
  try {
    body = JSON.parse(rawBody.toString('utf8'));
  } catch {
    throw bad();
  }
  if (!isRecord(body) || typeof body['signedPayload'] !== 'string') throw bad();
  return body['signedPayload'];
}

/**
 * Pure: a notification whose signatures were verified when it came in. @throws SCHEMA_VALIDATION for a well-signed one that
 * lacks what every one has.
 */
export function readNotification(claims: Record<string, unknown>): AppleNotification {
  const {
    notificationUUID: id,
    notificationType: type,
    subtype,
    signedDate,
    data,
  } = claims as ResponseBodyV2DecodedPayload;
  const environment = environmentOf(claims);
  if (!isText(id) || !isText(type) || !isTime(signedDate) || environment === null) throw unreadable('notification');
  return {
    ...{ id, type, signedDate, environment },
    subtype: isText(subtype) ? subtype : null,
    status: typeof data?.status === 'number' ? data.status : null,
    ...partsOf(data),
  };
}

function partsOf(data: Data | undefined): Pick<AppleNotification, 'transaction' | 'renewal'> {
  const { signedTransactionInfo: transaction, signedRenewalInfo: renewal } = data ?? {};
  return {
    transaction: transaction === undefined ? null : toTransaction(claimsOf(transaction)),
    renewal: renewal === undefined ? null : toRenewal(claimsOf(renewal)),
  };
}

/** @throws SCHEMA_VALIDATION where it lacks what every transaction has. */
export function toTransaction(claims: object | null): AppleTransaction {
  const said = claims as JWSTransactionDecodedPayload | null;
  const texts = [said?.transactionId, said?.originalTransactionId, said?.productId, said?.type, said?.environment];
  if (!said || !texts.every(isText) || !isTime(said.purchaseDate) || !isTime(said.signedDate)) {
    throw unreadable('transaction');
  }
  const { expiresDate, revocationDate, price, quantity } = said;
  const whole = [expiresDate, revocationDate, price, quantity].every((n) => n === undefined || Number.isSafeInteger(n));
  if (!whole || !(said.quantity === undefined || said.quantity > 0)) throw unreadable('transaction');
  return said as AppleTransaction;
}

/** @throws SCHEMA_VALIDATION */
export function toRenewal(claims: object | null): AppleRenewal {
  const said = claims as AppleRenewal | null;
  if (!said || !isText(said.originalTransactionId)) throw unreadable('renewal info');
  return said;
}

function unreadable(what: string): Error {
  return validation('SCHEMA_VALIDATION', `The ${what} lacks what every one of Apple's has`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** NUL cannot be stored in a text column, and nothing of Apple's has one. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 255 && !value.includes('\u0000');
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < MAX_MS;
}
