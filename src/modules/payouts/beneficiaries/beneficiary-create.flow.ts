import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Currency } from '../../../shared/currency';
import { AuditLog, SYSTEM, type Actor } from '../../../platform/audit';
import { UnitOfWork, type Tx } from '../../../platform/database';
import { invalidInput } from '../../../platform/http';
import { Intents, type Intent, type IntentHandler, type ProviderOutcome } from '../../../platform/intents';
import { WiseGateway } from '../../../providers/wise';
import {
  beneficiaryExists,
  beneficiaryInProgress,
  beneficiaryNotFound,
  beneficiaryUnreadable,
  customerNotFound,
} from './beneficiaries.errors';
import { BeneficiariesRepository, type BeneficiaryRow } from './beneficiaries.repository';
import { BeneficiaryRequirements, nominalAmount } from './beneficiary-requirements.flow';
import { BeneficiaryVault, type Fingerprint } from './beneficiary-vault.service';
import { accountProblems, isSameName, isSameRecipient, normalised, type BankAccount } from './domain/bank-account';
import { requirementProblems } from './domain/requirements';

export interface BeneficiaryInput extends BankAccount {
  /** The customer of ours who is paid, if it is one. */
  readonly customerId: string | null;
  /** Of the balance that will pay: what is needed depends on it. Null: one that we have. */
  readonly sourceCurrency: Currency | null;
}

const KIND = 'beneficiary.create';

/**
 * A beneficiary here and at the provider. The row comes first, sealed, then the provider is called outside of any
 * transaction, then its id is written. It has no keys for repeated requests, so after a lost answer it is looked for among
 * those it knows.
 */
@Injectable()
export class BeneficiaryCreation implements IntentHandler, OnModuleInit {
  readonly kind = KIND;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly intents: Intents,
    private readonly audit: AuditLog,
    private readonly wise: WiseGateway,
    private readonly requirements: BeneficiaryRequirements,
    private readonly vault: BeneficiaryVault,
    private readonly rows: BeneficiariesRepository,
  ) {}

  onModuleInit(): void {
    this.intents.register(this);
  }

  /**
   * The beneficiary of this account, made if it is new: asked twice, there is one.
   * @throws INVALID_INPUT with `details.fields`, CUSTOMER_NOT_FOUND, BENEFICIARY_EXISTS (under another name or customer),
   * UNSUPPORTED_CORRIDOR, RECIPIENT_REFUSED, REQUEST_IN_PROGRESS, ENCRYPTION_NOT_CONFIGURED, PROVIDER_ERROR.
   */
  async ensure({ customerId, sourceCurrency, ...given }: BeneficiaryInput, actor: Actor): Promise<BeneficiaryRow> {
    const account = normalised(given);
    refuse(accountProblems(account));
    const print = this.vault.fingerprint(account);
    const known = await this.unitOfWork.service((tx) => this.known(tx, account, print, customerId));
    if (known?.status === 'active') return known;
    const target = nominalAmount(account.currency);
    refuse(requirementProblems(await this.requirements.of({ sourceCurrency, target }), account));
    const id = known?.id ?? this.rows.newBeneficiaryId();
    const { currency, type } = account;
    const row = { id, currency, type, customerId, fingerprint: print.newest, sealed: this.vault.seal(id, account) };
    const spec = { provider: 'wise', kind: KIND, customerId, dedupeKey: `${KIND}:${id}` } as const;
    await this.intents.run({ ...spec, params: { beneficiaryId: id } }, actor, async (tx) => {
      if (customerId !== null && !(await this.rows.holdCustomer(tx, customerId))) throw customerNotFound();
      const isNew = await this.rows.insert(tx, row);
      if (!isNew && (await this.rows.byId(tx, id)) === null) throw beneficiaryInProgress();
      if (isNew) await this.record(tx, 'add', row, actor);
    });
    return this.made(id);
  }

  async call(intent: Intent): Promise<ProviderOutcome> {
    if (intent.calledAt !== null) {
      // A process that died may have been answered.
      const found = await this.find(intent);
      if (found) return found;
    }
    const { account } = await this.opened(intent);
    const { recipientRef } = await this.wise.createRecipient({ ...account, details: { ...account.details } });
    return { providerId: recipientRef, outcome: {} };
  }

  async find(intent: Intent): Promise<ProviderOutcome | null> {
    const { account } = await this.opened(intent);
    const same = (await this.wise.recipients(account.currency)).filter((told) => isSameRecipient(account, told));
    const refs = same.map(({ recipientRef }) => recipientRef);
    const taken = await this.unitOfWork.service((tx) => this.rows.presentRefs(tx, refs));
    const free = refs.find((ref) => !taken.has(ref));
    return free === undefined ? null : { providerId: free, outcome: {} };
  }

  async commit(tx: Tx, intent: Intent, { providerId }: ProviderOutcome): Promise<void> {
    await this.rows.activate(tx, beneficiaryOf(intent), providerId);
  }

  async release(tx: Tx, intent: Intent): Promise<void> {
    const row = await this.rows.byId(tx, beneficiaryOf(intent));
    if (row?.status !== 'pending') return;
    await this.rows.forgetPending(tx, row.id);
    await this.record(tx, 'refused', row, SYSTEM);
  }

  /** @returns the one of this account that is here or on its way. */
  private async known(
    tx: Tx,
    account: BankAccount,
    { all }: Fingerprint,
    customerId: string | null,
  ): Promise<BeneficiaryRow | null> {
    if (customerId !== null && !(await this.rows.holdCustomer(tx, customerId))) throw customerNotFound();
    const known = await this.rows.byAccount(tx, all);
    if (!known) return null;
    const opened = this.vault.open(known.id, known.sealed);
    if (opened === null) throw beneficiaryUnreadable();
    if (!isSameName(opened.name, account.name) || known.customerId !== customerId) throw beneficiaryExists(known.id);
    return known;
  }

  private async opened(intent: Intent): Promise<{ row: BeneficiaryRow; account: BankAccount }> {
    const row = await this.made(beneficiaryOf(intent));
    const opened = this.vault.open(row.id, row.sealed);
    if (opened === null) throw beneficiaryUnreadable();
    return { row, account: { currency: row.currency, type: row.type, ...opened } };
  }

  private async made(id: string): Promise<BeneficiaryRow> {
    const row = await this.unitOfWork.service((tx) => this.rows.byId(tx, id));
    if (!row) throw beneficiaryNotFound(id);
    return row;
  }

  private record(
    tx: Tx,
    verb: 'add' | 'refused',
    { id, currency, type, customerId }: Pick<BeneficiaryRow, 'id' | 'currency' | 'type' | 'customerId'>,
    actor: Actor,
  ): Promise<void> {
    const object = { objectType: 'beneficiary', objectId: id, customerId };
    return this.audit.record(tx, { actor, action: `beneficiary.${verb}`, ...object, after: { currency, type } });
  }
}

function refuse(problems: readonly { field: string; message: string }[]): void {
  if (problems.length > 0) throw invalidInput(problems);
}

function beneficiaryOf({ id, params }: Intent): string {
  const { beneficiaryId } = params;
  if (typeof beneficiaryId !== 'string') throw new Error(`Intent ${id} names no beneficiary`);
  return beneficiaryId;
}
