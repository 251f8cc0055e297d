import fc from 'fast-check';
import { newId } from '../shared/ids';
import { accountTokenOf, customerOfAccountToken } from './account-token';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

it('is a UUID that leads back to the customer, in whatever case Apple writes it', () => {
  const at = fc.integer({ min: 0, max: 2 ** 48 - 1 });
  const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(at, bytes, (ms, random) => {
      const id = newId('cust', ms, () => random);
      const token = accountTokenOf(id);
      expect(token).toMatch(UUID);
      expect(customerOfAccountToken(token)).toBe(id);
      expect(customerOfAccountToken(token.toUpperCase())).toBe(id);
    }),
  );
});

it.each([undefined, '', 'no uuid', '0198c0de-0000-4000-8000-00000000000', "'; DROP TABLE customers"])(
  'is nobody for %s',
  (token) => {
    expect(customerOfAccountToken(token)).toBeNull();
  },
);

it('is for customers only', () => {
  expect(() => accountTokenOf(newId('sub', 1))).toThrow(RangeError);
});
