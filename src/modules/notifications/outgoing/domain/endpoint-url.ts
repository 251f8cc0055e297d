import { isAddress, isAllowedAddress, type AllowedNetworks } from './address-policy';

export interface UrlPolicy {
  /** Production sends over TLS only. */
  readonly httpsOnly: boolean;
  readonly allowed: AllowedNetworks;
}

export const LONGEST_URL = 2048;
/** From here on ports are anybody's; below it only those of the web. */
const FIRST_FREE_PORT = 1024;
const WEB_PORTS = new Set([80, 443]);
/** Ports at which nobody listens for HTTP: the Fetch standard's list ("port blocking") and the usual stores. */
const FOREIGN_PORTS = new Set([
  ...[1433, 1521, 1719, 1720, 1723, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5672],
  ...[6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 9042, 9092, 9200, 9300, 10080, 10250, 11211, 27017],
]);

/**
 * Pure: why no message is sent to this address, or null. The WHATWG parser has spelled out numeric hosts by then
 * (`http://2130706433`, `http://0x7f.1` are `127.0.0.1`); names are checked once more by what they resolve to.
 * @returns completes "url ...".
 */
export function endpointUrlProblem(text: string, { httpsOnly, allowed }: UrlPolicy): string | null {
  if (text.length > LONGEST_URL) return `must have at most ${LONGEST_URL} characters`;
  if (!URL.canParse(text) || /[\s\\]/.test(text)) return 'must be a URL such as https://api.example.com/webhooks';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must start with https://';
  if (url.protocol === 'http:' && httpsOnly) return 'must start with https:// in production';
  if (url.username !== '' || url.password !== '') return 'must not carry a user name or a password';
  if (url.hash !== '') return 'must not have a fragment';
  if (!isWebPort(url)) return 'must not name this port';
  return isAllowedHost(url.hostname, allowed)
    ? null
    : 'must be an address on the internet, not one of a private network';
}

function isWebPort({ port, protocol }: URL): boolean {
  const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  return WEB_PORTS.has(number) || (number >= FIRST_FREE_PORT && !FOREIGN_PORTS.has(number));
}

function isAllowedHost(hostname: string, allowed: AllowedNetworks): boolean {
  const host = hostname.replace(/\.$/, '');
  // Always this machine, whatever a resolver says (RFC 6761, section 6.3).
  if (host === 'localhost' || host.endsWith('.localhost')) return isAllowedAddress('127.0.0.1', allowed);
  return !isAddress(host) || isAllowedAddress(host, allowed);
}
