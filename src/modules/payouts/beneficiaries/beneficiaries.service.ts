import { Injectable } from '@nestjs/common';
import { AuditLog, type Actor } from '../../../platform/audit';
import type { Tx } from '../../../platform/database';
import { beneficiaryInUse, beneficiaryNotFound } from './beneficiaries.errors';
import { BeneficiariesRepository, type BeneficiaryFilter, type BeneficiaryRow } from './beneficiaries.repository';
import { BeneficiaryCreation, type BeneficiaryInput } from './beneficiary-create.flow';
import { BeneficiaryVault } from './beneficiary-vault.service';
import { countryOf, maskedAccount } from './domain/bank-account';

/** Whom a payout goes to, as the rest of the house sees it: bank details are never in it. */
export interface Beneficiary extends Omit<BeneficiaryRow, 'sealed'> {
  /** ISO 3166 alpha-2 of where the account is; null where that is not known. */
  country: string | null;
  display: {
    /** In full; null for one that is erased, or that no key of ours opens any more. */
    name: string | null;
    /** `DE•••••••••3000`, `••••4321`. */
    masked: string;
  };
}

const NOTHING_SHOWN = '••••';

@Injectable()
export class BeneficiariesService {
  constructor(
    private readonly rows: BeneficiariesRepository,
    private readonly vault: BeneficiaryVault,
    private readonly creation: BeneficiaryCreation,
    private readonly audit: AuditLog,
  ) {}

  async byId(tx: Tx, id: string): Promise<Beneficiary | null> {
    return this.shown(await this.rows.byId(tx, id));
  }

  /** In no order. */
  async byIds(tx: Tx, ids: readonly string[]): Promise<Beneficiary[]> {
    return (await this.rows.byIds(tx, ids)).map((row) => this.show(row));
  }

  /** As `byId`; until the transaction ends nobody archives it. */
  async lock(tx: Tx, id: string): Promise<Beneficiary | null> {
    return this.shown(await this.rows.lock(tx, id));
  }

  async list(
    tx: Tx,
    filter: BeneficiaryFilter,
    limit: number,
    after: { createdAt: Date; id: string } | null,
  ): Promise<Beneficiary[]> {
    return (await this.rows.list(tx, filter, limit, after)).map((row) => this.show(row));
  }

  /** Network, outside of any transaction: the one of this account, made if it is new. @throws as `BeneficiaryCreation.ensure`. */
  async ensure(input: BeneficiaryInput, actor: Actor): Promise<Beneficiary> {
    return this.show(await this.creation.ensure(input, actor));
  }

  /** Nothing is paid to it any more; the provider is told in a moment. Twice is once. @throws BENEFICIARY_NOT_FOUND, BENEFICIARY_IN_USE. */
  async archive(tx: Tx, id: string, actor: Actor): Promise<void> {
    const before = await this.rows.lock(tx, id);
    if (!before || before.status === 'pending') throw beneficiaryNotFound(id);
    if (await this.rows.hasOpenPayout(tx, id)) throw beneficiaryInUse(id);
    if (!(await this.rows.archive(tx, id))) return;
    const object = { objectType: 'beneficiary', objectId: id, customerId: before.customerId };
    await this.audit.record(tx, { actor, action: 'beneficiary.archive', ...object });
  }

  private shown(row: BeneficiaryRow | null): Beneficiary | null {
    return row && this.show(row);
  }

  private show({ sealed, ...row }: BeneficiaryRow): Beneficiary {
    const opened = this.vault.open(row.id, sealed);
    const account = opened && { currency: row.currency, type: row.type, ...opened };
    const country = account && countryOf(account);
    return {
      ...row,
      country,
      display: { name: account?.name ?? null, masked: account ? maskedAccount(account) : NOTHING_SHOWN },
    };
  }
}
