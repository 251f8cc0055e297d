import { Injectable } from '@nestjs/common';
import {
  Environment,
  SignedDataVerifier,
  VerificationException,
  VerificationStatus,
} from '@apple/app-store-server-library';
import { AppConfig, type AppleConfig } from '../../platform/config';
import { isAppError } from '../../shared/app-error';
import { appleNotConfigured, invalidSignature, verificationUnavailable } from './apple-errors';
import { readRootCertificates } from './apple-keys';
import {
  claimsOf,
  environmentOf,
  readNotification,
  toRenewal,
  toTransaction,
  type AppleEnvironment,
  type AppleNotification,
  type AppleRenewal,
  type AppleTransaction,
} from './apple-wire';

const ENVIRONMENTS: readonly (readonly [AppleEnvironment, Environment])[] = [
  ['Production', Environment.PRODUCTION],
  ['Sandbox', Environment.SANDBOX],
];

/** Verifies what Apple has signed, on its certificates up to one of our roots. One verifier for each environment. */
@Injectable()
export class AppleVerifier {
  private readonly verifiers: ReadonlyMap<AppleEnvironment, SignedDataVerifier> | null;
  private readonly counting: readonly AppleEnvironment[];

  /** @throws Error, one sentence, for root certificates that cannot be read. */
  constructor(config: AppConfig) {
    this.verifiers = config.apple ? createVerifiers(config.apple) : null;
    this.counting = config.apple?.environments ?? [];
  }

  /**
   * A notification with all it carries, of whichever environment: what does not count here is the pipeline's to ignore.
   * @throws INVALID_SIGNATURE, PROVIDER_UNAVAILABLE (ask again), SCHEMA_VALIDATION for a well-signed one nobody can read.
   */
  async notification(signedPayload: string): Promise<AppleNotification> {
    const { claims, verifier } = this.choose(signedPayload);
    await verified(() => verifier.verifyAndDecodeNotification(signedPayload));
    const { data } = claims as { data?: { signedTransactionInfo?: string; signedRenewalInfo?: string } };
    const { signedTransactionInfo: transaction, signedRenewalInfo: renewal } = data ?? {};
    if (transaction !== undefined) await verified(() => verifier.verifyAndDecodeTransaction(transaction));
    if (renewal !== undefined) await verified(() => verifier.verifyAndDecodeRenewalInfo(renewal));
    const notification = readNotification(claims);
    const of = notification.renewal?.originalTransactionId ?? notification.transaction?.originalTransactionId;
    if (notification.transaction && notification.transaction.originalTransactionId !== of) throw invalidSignature();
    return notification;
  }

  /**
   * A transaction of an environment that counts: a receipt of the sandbox grants nothing in production unless configured.
   * @throws as `notification`.
   */
  async transaction(signedTransaction: string): Promise<AppleTransaction> {
    const { environment, verifier } = this.choose(signedTransaction);
    if (!this.counting.includes(environment)) throw invalidSignature();
    return toTransaction(await verified(() => verifier.verifyAndDecodeTransaction(signedTransaction)));
  }

  /** @throws as `transaction`. */
  async renewal(signedRenewal: string): Promise<AppleRenewal> {
    const { environment, verifier } = this.choose(signedRenewal);
    if (!this.counting.includes(environment)) throw invalidSignature();
    return toRenewal(await verified(() => verifier.verifyAndDecodeRenewalInfo(signedRenewal)));
  }

  /** The claims only choose the verifier, which then makes sure of them. */
  private choose(jws: string): {
    claims: Record<string, unknown>;
    environment: AppleEnvironment;
    verifier: SignedDataVerifier;
  } {
    if (!this.verifiers) throw appleNotConfigured();
    const claims = claimsOf(jws);
    const environment = claims && environmentOf(claims);
    const verifier = environment && this.verifiers.get(environment);
    if (!claims || !environment || !verifier) throw invalidSignature();
    return { claims, environment, verifier };
  }
}

function createVerifiers(config: AppleConfig): Map<AppleEnvironment, SignedDataVerifier> {
  const roots = readRootCertificates(config.rootCertFiles);
  const verifiers = new Map<AppleEnvironment, SignedDataVerifier>();
  for (const [name, environment] of ENVIRONMENTS) {
    // Production's name the app by its number: without it none can be told to be ours.
    if (name === 'Production' && config.appId === undefined) continue;
    const { onlineChecks, bundleId, appId } = config;
    verifiers.set(name, new SignedDataVerifier(roots, onlineChecks, environment, bundleId, appId));
  }
  return verifiers;
}

async function verified<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (error) {
    if (isAppError(error)) throw error;
    const retry = VerificationStatus.RETRYABLE_VERIFICATION_FAILURE;
    if (error instanceof VerificationException && error.status === retry) throw verificationUnavailable(error);
    throw invalidSignature(error);
  }
}
