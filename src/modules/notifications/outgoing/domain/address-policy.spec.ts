import { isAddress, isAllowedAddress, parseNetwork, type Network } from './address-policy';

const REFUSED: readonly [string, readonly string[]][] = [
  ['loopback', ['127.0.0.1', '127.255.255.254', '::1', '[::1]']],
  ['unspecified', ['0.0.0.0', '0.0.0.1', '::']],
  ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1']],
  ['link-local, metadata', ['169.254.169.254', '169.254.0.1', 'fe80::1', 'fe80::1%eth0', '168.63.129.16']],
  ['unique-local, metadata', ['fc00::1', 'fd12:3456::1', 'fd00:ec2::254']],
  ['site-local', ['fec0::1']],
  ['shared (CGNAT), metadata', ['100.64.0.1', '100.127.255.255', '100.100.100.200']],
  ['multicast and broadcast', ['224.0.0.1', '239.255.255.255', 'ff02::1', '255.255.255.255']],
  ['reserved and for documents', ['240.0.0.1', '192.0.0.1', '192.0.2.1', '198.51.100.7', '203.0.113.7', '198.18.0.1']],
  ['reserved and for documents (IPv6)', ['2001:db8::1', '3fff::1', '100::1', '4000::1', '5f00::1', '2001:2::1']],
  ['IPv4-mapped', ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '[::ffff:a9fe:a9fe]']],
  ['IPv4-compatible and translated', ['::127.0.0.1', '::7f00:1', '::ffff:0:7f00:1']],
  ['NAT64', ['64:ff9b::7f00:1', '64:ff9b::10.0.0.1', '64:ff9b:1::1']],
  ['6to4 and Teredo', ['2002:7f00:1::', '2001::1']],
  ['no address', ['', 'localhost', 'example.com', '1.2.3.4/24', '::g']],
];
const networks = (...texts: string[]): Network[] => texts.map((text) => parseNetwork(text) ?? fail(text));
function fail(text: string): never {
  throw new Error(`${text} is no network`);
}

describe('an address', () => {
  const cases = REFUSED.flatMap(([why, addresses]) => addresses.map((address) => [why, address] as const));
  it.each(cases)('that is %s is refused: %s', (_why, address) => {
    expect(isAllowedAddress(address, [])).toBe(false);
  });

  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '[2a00:1450:4001::1]',
    '::ffff:8.8.8.8',
  ])('that is public is fine: %s', (address) => {
    expect(isAllowedAddress(address, [])).toBe(true);
  });

  it('may be allowed by its network, and its neighbours are not', () => {
    const allowed = networks('127.0.0.0/8', '10.1.0.0/16', 'fd00:1::/32');
    for (const address of ['127.0.0.1', '10.1.255.1', 'fd00:1::7', '::ffff:10.1.0.1']) {
      expect(isAllowedAddress(address, allowed)).toBe(true);
    }
    for (const address of ['10.2.0.1', '::1', 'fd00:2::1', '169.254.169.254', '::10.1.0.1']) {
      expect(isAllowedAddress(address, allowed)).toBe(false);
    }
  });
});

describe('a network', () => {
  it.each(['', 'private', '10.0.0.0', '10.0.0.0/33', '10/8', '0x0a.0.0.0/8', 'fd00::/129', '10.0.0.0/8/8', 'any/0'])(
    'is not %j',
    (text) => {
      expect(parseNetwork(text)).toBeNull();
    },
  );
});

it.each([
  ['127.0.0.1', true],
  ['[::1]', true],
  ['example.com', false],
  ['127.0.0.1.nip.io', false],
])('tells an address from a name: %s', (host, expected) => {
  expect(isAddress(host)).toBe(expected);
});
