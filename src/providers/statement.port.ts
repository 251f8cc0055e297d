import type { FactObjectType, Provider } from '../shared/facts';
import type { StatementLine } from '../shared/statement-line';
import type { ListPage } from './provider.port';

/** An object whose reading tells of a movement. */
export interface TellingObject {
  objectType: FactObjectType;
  objectId: string;
  aggregate: string;
}

/** A provider's own account of our money. All of it is network, and never inside a transaction. */
export interface StatementSource {
  readonly provider: Provider;
  /** Whether it is on in this installation. */
  readonly on: boolean;
  /** Whether others' movements stand in it too, as on an account that several services share. */
  readonly isShared: boolean;
  /** Movements of that time, `from` inclusive, `to` exclusive, in no promised order. */
  lines(range: { from: Date; to: Date }, page?: string): Promise<ListPage<StatementLine>>;
  /**
   * Every movement of one customer's at that time, his id there given; beside `lines`, where those are not sure to be all. Absent where
   * they are.
   */
  linesOfCustomer?(customerRef: string, range: { from: Date; to: Date }): Promise<StatementLine[]>;
  /** Every movement of one object (or of a payment's charge), whenever it was; empty where there is none. */
  linesOf(objectRef: string): Promise<StatementLine[]>;
  /** Whose movement it is, asked of the provider; null for what is nobody's. */
  whose(line: StatementLine): Promise<string | null>;
  /** What to read so that the movement is booked; empty where no reading would tell of it. */
  telling(line: StatementLine): Promise<TellingObject[]>;
  /**
   * What to read where the books have moved money for an object and no movement shows it: it may have been paid elsewhere.
   * Empty where no reading would tell of that.
   */
  tellingOf(objectRef: string): Promise<TellingObject[]>;
}
