import ipaddr from 'ipaddr.js';

/** Where a company's own networks may be reached in spite of all; every other address has to be a public one. */
export type AllowedNetworks = readonly Network[];
export type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** All of IPv6 that is given out to hosts on the internet (RFC 4291, section 2.4). */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');
/** Public by their number, but served by the machine's own cloud to whoever runs in it. */
const METADATA = new Set(['168.63.129.16']);

/** Pure: a network written `10.0.0.0/8` or `fd00::/8`. @returns null for anything else, an address with host bits too. */
export function parseNetwork(text: string): Network | null {
  if (!/^[0-9a-f:.]+\/\d{1,3}$/i.test(text) || !ipaddr.isValidCIDR(text)) return null;
  const [address, bits] = ipaddr.parseCIDR(text);
  const [first] = text.split('/');
  return first !== undefined && (ipaddr.IPv6.isValid(first) || ipaddr.IPv4.isValidFourPartDecimal(first))
    ? [address, bits]
    : null;
}

/**
 * Pure: whether a message may be sent to this address. Refused are private, loopback, link-local, unique-local, shared
 * (CGNAT), multicast, reserved and unspecified addresses, whatever they are wrapped in (IPv4-mapped, NAT64, 6to4, Teredo).
 * @param text as a resolver or a URL writes it; what is no address is refused.
 */
export function isAllowedAddress(text: string, allowed: AllowedNetworks): boolean {
  const bare = text.replace(/^\[|\]$/g, '');
  if (!ipaddr.isValid(bare) || bare.includes('%') || isOddlyWritten(bare)) return false;
  // An IPv4-mapped address is where its IPv4 part says.
  const address = ipaddr.process(bare);
  if (allowed.some((network) => contains(network, address))) return true;
  if (address.range() !== 'unicast' || METADATA.has(address.toString())) return false;
  return address.kind() === 'ipv4' || contains(GLOBAL_UNICAST, address);
}

/** Pure: whether a URL's host is an address, and not a name to be looked up. */
export function isAddress(hostname: string): boolean {
  return ipaddr.isValid(hostname.replace(/^\[|\]$/g, ''));
}

/** `::1.2.3.4` would be taken for an IPv4-mapped address, which it is not. */
function isOddlyWritten(text: string): boolean {
  return text.includes(':') && text.includes('.') && !/^::ffff:[\d.]+$/i.test(text);
}

function contains([network, bits]: Network, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return network.kind() === address.kind() && address.match(network, bits);
}
