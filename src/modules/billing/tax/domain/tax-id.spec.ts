import fc from 'fast-check';
import { distinctTaxIds, isWellFormed, normalTaxId } from './tax-id';

describe('tax ids', () => {
  it.each([
    ['eu_vat', 'de 123.456-789', 'DE123456789'],
    ['gb_vat', 'gb 123 4567 89', 'GB123456789'],
    ['ch_vat', 'CHE-123.456.789 MWST', 'CHE123456789MWST'],
    ['au_abn', '51 824 753 556', '51824753556'],
    ['us_ein', ' 12-3456789 ', '12-3456789'],
    ['no_vat', '123456789MVA', '123456789MVA'],
  ])('%s %j is normally %s', (type, value, expected) => {
    const normal = normalTaxId({ type, value });
    expect(normal).toEqual({ type, value: expected });
    expect(isWellFormed(normal)).toBe(true);
  });

  it.each([
    ['eu_vat', 'ATU12345678'],
    ['eu_vat', 'BE0123456789'],
    ['eu_vat', 'CY12345678X'],
    ['eu_vat', 'EL123456789'],
    ['eu_vat', 'ESX1234567X'],
    ['eu_vat', 'FRXX123456789'],
    ['eu_vat', 'IE1234567WA'],
    ['eu_vat', 'LT123456789012'],
    ['eu_vat', 'NL123456789B01'],
    ['eu_vat', 'SE123456789001'],
    ['eu_vat', 'XI123456789'],
    ['gb_vat', 'GBGD123'],
    ['us_ein', '123456789'],
  ])('%s %s is well formed', (type, value) => {
    expect(isWellFormed({ type, value })).toBe(true);
  });

  it.each([
    ['eu_vat', 'DE12345678'],
    ['eu_vat', 'DE1234567890'],
    ['eu_vat', 'GR123456789'],
    ['eu_vat', 'GB123456789'],
    ['eu_vat', 'US123456789'],
    ['eu_vat', '__proto__'],
    ['eu_vat', ''],
    ['gb_vat', 'GB12345678'],
    ['ch_vat', 'CHE12345678'],
    ['au_abn', '5182475355'],
    ['us_ein', '12-345678'],
  ])('%s %j is not', (type, value) => {
    expect(isWellFormed({ type, value })).toBe(false);
  });

  it('are normal after once, and each stands once', () => {
    const taxId = fc.record({ type: fc.constantFrom('eu_vat', 'us_ein', 'no_vat'), value: fc.string() });
    fc.assert(
      fc.property(fc.array(taxId), (taxIds) => {
        const once = distinctTaxIds(taxIds);
        expect(distinctTaxIds([...once, ...taxIds])).toEqual(once);
      }),
    );
    expect(
      distinctTaxIds([
        normalTaxId({ type: 'eu_vat', value: 'de123456789' }),
        { type: 'eu_vat', value: 'DE 123456789' },
      ]),
    ).toHaveLength(1);
  });
});
