/** Tax ids as customers write them, and what can be said of them without asking anybody. */

export interface TaxId {
  /** Stripe's word for the kind: `eu_vat`, `gb_vat`, `us_ein`. */
  type: string;
  value: string;
}

/**
 * What follows the country's two letters in the Union's VAT numbers. Source: the European Commission's VIES, "Structure of
 * VAT identification numbers". Greece writes EL; XI is Northern Ireland.
 */
const EU_VAT: Readonly<Record<string, RegExp>> = {
  AT: /^U\d{8}$/,
  BE: /^[01]\d{9}$/,
  BG: /^\d{9,10}$/,
  CY: /^\d{8}[A-Z]$/,
  CZ: /^\d{8,10}$/,
  DE: /^\d{9}$/,
  DK: /^\d{8}$/,
  EE: /^\d{9}$/,
  EL: /^\d{9}$/,
  ES: /^[0-9A-Z]\d{7}[0-9A-Z]$/,
  FI: /^\d{8}$/,
  FR: /^[0-9A-Z]{2}\d{9}$/,
  HR: /^\d{11}$/,
  HU: /^\d{8}$/,
  IE: /^(\d{7}[A-W][A-I]?|\d[A-Z+*]\d{5}[A-W])$/,
  IT: /^\d{11}$/,
  LT: /^(\d{9}|\d{12})$/,
  LU: /^\d{8}$/,
  LV: /^\d{11}$/,
  MT: /^\d{8}$/,
  NL: /^[0-9A-Z+*]{12}$/,
  PL: /^\d{10}$/,
  PT: /^\d{9}$/,
  RO: /^\d{2,10}$/,
  SE: /^\d{12}$/,
  SI: /^\d{8}$/,
  SK: /^\d{10}$/,
  XI: /^(\d{9}|\d{12}|GD\d{3}|HA\d{3})$/,
};

/** Kinds whose form is checked here; Stripe checks the others. */
const FORMS: Readonly<Record<string, (value: string) => boolean>> = {
  eu_vat: (value) => EU_VAT[value.slice(0, 2)]?.test(value.slice(2)) ?? false,
  gb_vat: (value) => /^GB(\d{9}|\d{12}|GD\d{3}|HA\d{3})$/.test(value),
  ch_vat: (value) => /^CHE\d{9}(MWST|TVA|IVA)?$/.test(value),
  au_abn: (value) => /^\d{11}$/.test(value),
  us_ein: (value) => /^\d{2}-?\d{7}$/.test(value),
};

/** Pure: as registers write it: VAT numbers in capitals, without the blanks, dots and dashes people put into them. */
export function normalTaxId({ type, value }: TaxId): TaxId {
  if (!/^(eu_vat|gb_vat|ch_vat|au_abn)$/.test(type)) return { type, value: value.trim() };
  return { type, value: value.toUpperCase().replaceAll(/[\s.-]/g, '') };
}

/** Pure. @param taxId normal. True for kinds of which nothing is known here. */
export function isWellFormed({ type, value }: TaxId): boolean {
  return FORMS[type]?.(value) ?? true;
}

/** Pure: normal, each once. */
export function distinctTaxIds(taxIds: readonly TaxId[]): TaxId[] {
  return [...new Map(taxIds.map(normalTaxId).map((taxId) => [`${taxId.type}:${taxId.value}`, taxId])).values()];
}
