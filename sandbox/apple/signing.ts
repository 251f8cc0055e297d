import { generateKeyPairSync, sign } from 'node:crypto';
import { certificate, type CertificateInput } from './der';

/** What Apple marks the two certificates below its root with; a verifier looks for both. */
export const INTERMEDIATE_MARKER = '1.2.840.113635.100.6.2.1';
export const LEAF_MARKER = '1.2.840.113635.100.6.11.1';

/** A chain as it is kept between two runs: DER in base64, root last, and the leaf's private key as PEM. */
export interface SigningChain {
  readonly x5c: readonly string[];
  readonly leafKey: string;
}

/** What may be different about a chain, to see it refused. */
export interface ChainOptions {
  readonly root?: Partial<CertificateInput>;
  readonly intermediate?: Partial<CertificateInput>;
  readonly leaf?: Partial<CertificateInput>;
}

/** Long before and long after every time the sandbox's clock is moved to. */
const VALID = { notBefore: new Date('2015-01-01T00:00:00Z'), notAfter: new Date('2075-01-01T00:00:00Z') };
const NAMES = { root: 'Sandbox Root CA', intermediate: 'Sandbox Developer Relations CA', leaf: 'Sandbox App Store' };

/** A key pair on P-256, as PEM. */
export function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

/** Root, intermediate and leaf as Apple's, in the order of a JWS header: leaf first. */
export function createChain({ root, intermediate, leaf }: ChainOptions = {}): SigningChain {
  const [rootKey, middleKey, leafKey] = [root?.key ?? newKey(), intermediate?.key ?? newKey(), leaf?.key ?? newKey()];
  const top = { ...VALID, serial: 1, subject: NAMES.root, issuer: NAMES.root, key: rootKey, issuerKey: rootKey };
  const middle = { ...VALID, serial: 2, subject: NAMES.intermediate, issuer: NAMES.root, key: middleKey };
  const end = { ...VALID, serial: 3, subject: NAMES.leaf, issuer: NAMES.intermediate, key: leafKey };
  const chain = [
    certificate({ ...end, issuerKey: middleKey, ca: false, markers: [LEAF_MARKER], ...leaf }),
    certificate({ ...middle, issuerKey: rootKey, ca: true, markers: [INTERMEDIATE_MARKER], ...intermediate }),
    certificate({ ...top, ca: true, markers: [], ...root }),
  ];
  return { x5c: chain.map((der) => der.toString('base64')), leafKey };
}

/** A JWS in compact form (RFC 7515), ES256, with its certificates in the header. */
export function signJws(
  payload: object,
  { x5c, leafKey }: SigningChain,
  header: object = { alg: 'ES256', x5c },
): string {
  const input = `${encode(header)}.${encode(payload)}`;
  const signature = sign('sha256', Buffer.from(input), { key: leafKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
