/** An invoice line before it stands on an invoice. */
import type { Period } from './calendar';
import type { Metadata, PriceObject } from './wire';

export interface LineDraft {
  readonly amount: number;
  readonly description: string;
  readonly price: PriceObject;
  readonly quantity: number;
  readonly period: Period;
  readonly subscription: string;
  readonly item: string;
  /** The pending invoice item a proration waited as; null for a plain period. */
  readonly invoiceItem: string | null;
  readonly proration: boolean;
  /** Of a charge for the rest of a period: what the whole period costs net of discounts. Null for all others. */
  readonly fullNet: number | null;
  readonly metadata: Metadata;
}
