import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { Alerts } from '../../../platform/alerts';
import { AppConfig } from '../../../platform/config';
import { takeSweepTurn, UnitOfWork, type Tx } from '../../../platform/database';
import { Sweepers } from '../../../platform/queue';
import { LedgerService } from '../../ledger';
import { brokenBalances, causeKeyOf, lasting, type FirstSeen, type Violation } from './domain/violation';
import { InvariantsRepository } from './invariants.repository';

const BOOKS = 'ledger.invariant';
const INVOICES = 'ledger.invoice_invariant';
/** Invoices to a pass: goes round through all of them. */
const BATCH = 1_000;
/** Open alerts of single invoices; where more are wrong, more alerts would not help. */
const MAX_ALERTS = 100;

/** Between two passes. */
interface Memory {
  /** The invoice up to which they have been looked at; '' is the beginning. */
  after: string;
  seen: FirstSeen;
}

/**
 * What the books promise at any moment, looked at while they are kept: bounded statements, one process at a time. An alarm is one
 * open alert, and resolves itself once the promise holds again. The whole proof is `kassa ledger verify`.
 */
@Injectable()
export class LedgerInvariants implements OnModuleInit {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: InvariantsRepository,
    private readonly ledger: LedgerService,
    private readonly alerts: Alerts,
    private readonly sweepers: Sweepers,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    const everyMs = this.config.ledgerCheckSeconds * 1000;
    this.sweepers.register({ name: 'ledger-invariants', everyMs, run: () => this.run() });
  }

  /** One pass: the books, and the next invoices. @returns null while another process is at it. */
  run(): Promise<Violation[] | null> {
    return this.unitOfWork.service((tx) => this.pass(tx));
  }

  /** The books, and every invoice. Raises and resolves alerts as the passes do. @returns all that does not hold now. */
  async runAll(): Promise<Violation[]> {
    const found = await this.look();
    await this.unitOfWork.service((tx) => this.alert(tx, INVOICES, found.filter(isOfInvoice)));
    // Another process's pass looks at the same books.
    await this.run();
    return found;
  }

  /** Everything, and nobody is told. */
  async look(): Promise<Violation[]> {
    const found = await this.unitOfWork.service((tx) => this.books(tx));
    let after = '';
    for (;;) {
      const { ids, broken } = await this.unitOfWork.service((tx) => this.nextInvoices(tx, after));
      found.push(...broken);
      if (ids.length < BATCH) return found;
      after = ids.at(-1) ?? '';
    }
  }

  private pass(tx: Tx): Promise<Violation[] | null> {
    return takeSweepTurn(tx, 'ledger-invariants', async (position) => {
      const memory = memoryOf(position);
      const books = await this.books(tx);
      const { alarms, seen } = lasting(books, memory.seen, this.clock.wall());
      await this.alert(tx, BOOKS, alarms);
      const { ids, broken } = await this.nextInvoices(tx, memory.after);
      const alerted = await this.repository.invoices(tx, await this.repository.alerted(tx, INVOICES, MAX_ALERTS));
      const invoices = new Map([...alerted, ...broken].map((each) => [causeKeyOf(each), each]));
      await this.alert(tx, INVOICES, [...invoices.values()]);
      const next: Memory = { after: ids.length < BATCH ? '' : (ids.at(-1) ?? ''), seen };
      return { position: JSON.stringify(next), result: [...books, ...invoices.values()] };
    });
  }

  private async books(tx: Tx): Promise<Violation[]> {
    return [
      ...brokenBalances(await this.ledger.balances(tx)),
      ...(await this.repository.receivable(tx)),
      ...(await this.repository.transit(tx)),
      ...(await this.repository.held(tx)),
    ];
  }

  private async nextInvoices(tx: Tx, after: string): Promise<{ ids: string[]; broken: Violation[] }> {
    const ids = await this.repository.nextInvoices(tx, after, BATCH);
    return { ids, broken: await this.repository.invoices(tx, ids) };
  }

  private async alert(tx: Tx, kind: string, alarms: readonly Violation[]): Promise<void> {
    const told = alarms.slice(0, MAX_ALERTS);
    for (const alarm of told) {
      const { invariant, subject, message } = alarm;
      const details = { invariant, subject, message };
      await this.alerts.raise(tx, { kind, severity: 'critical', causeKey: causeKeyOf(alarm), message, details });
    }
    await this.alerts.resolveOthers(tx, kind, told.map(causeKeyOf));
  }
}

function isOfInvoice({ invariant }: Violation): boolean {
  return invariant === 'paid_once' || invariant === 'released';
}

function memoryOf(position: string): Memory {
  return position === '' ? { after: '', seen: {} } : (JSON.parse(position) as Memory);
}
