import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';

/** Just enough DER (ITU-T X.690) to write a certificate: Node reads them, but has nothing that makes them. */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  time: 0x18,
  seq: 0x30,
  set: 0x31,
};
const NULL = Buffer.from([0x05, 0x00]);
const EXPLICIT = 0xa0;
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const BASIC_CONSTRAINTS = '2.5.29.19';
const AUTHORITY_INFO_ACCESS = '1.3.6.1.5.5.7.1.1';
const OCSP = '1.3.6.1.5.5.7.48.1';
const URI = 0x86;

function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const hex = body.length.toString(16);
  const length = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc, index) => {
    const groups = index === 0 ? [arc] : base128(arc);
    return groups.map((group, i) => (i < groups.length - 1 ? group | 0x80 : group));
  });
  return tlv(TAG.oid, Buffer.from(bytes));
}

function base128(arc: number): number[] {
  return arc < 128 ? [arc] : [...base128(Math.floor(arc / 128)), arc % 128];
}

/** GeneralizedTime, to the second. */
function time(at: Date): Buffer {
  const text = at.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
  return tlv(TAG.time, Buffer.from(`${text}Z`));
}

function name(commonName: string): Buffer {
  return tlv(TAG.seq, tlv(TAG.set, tlv(TAG.seq, oid(COMMON_NAME), tlv(TAG.utf8, Buffer.from(commonName)))));
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  const mark = critical ? [tlv(TAG.boolean, Buffer.from([0xff]))] : [];
  return tlv(TAG.seq, oid(id), ...mark, tlv(TAG.octets, value));
}

export interface CertificateInput {
  readonly serial: number;
  readonly subject: string;
  readonly issuer: string;
  /** PEM of the subject's key pair. */
  readonly key: string;
  /** PEM of the issuer's. */
  readonly issuerKey: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly ca: boolean;
  /** Extensions that only have to be there, as Apple marks its certificates. */
  readonly markers: readonly string[];
  /** Where its revocation can be asked for. */
  readonly ocspUrl?: string;
}

/** An X.509 certificate (RFC 5280), version 3, signed with ECDSA and SHA-256. @returns DER. */
export function certificate(input: CertificateInput): Buffer {
  const algorithm = tlv(TAG.seq, oid(ECDSA_WITH_SHA256));
  const constraints = tlv(TAG.seq, ...(input.ca ? [tlv(TAG.boolean, Buffer.from([0xff]))] : []));
  const { ocspUrl } = input;
  const access = (url: string): Buffer => tlv(TAG.seq, tlv(TAG.seq, oid(OCSP), tlv(URI, Buffer.from(url, 'ascii'))));
  const extensions = [
    extension(BASIC_CONSTRAINTS, constraints, true),
    ...input.markers.map((id) => extension(id, NULL)),
    ...(ocspUrl === undefined ? [] : [extension(AUTHORITY_INFO_ACCESS, access(ocspUrl))]),
  ];
  const body = tlv(
    TAG.seq,
    tlv(EXPLICIT, tlv(TAG.integer, Buffer.from([2]))),
    tlv(TAG.integer, Buffer.from([0x01, (input.serial >> 8) & 0xff, input.serial & 0xff])),
    algorithm,
    name(input.issuer),
    tlv(TAG.seq, time(input.notBefore), time(input.notAfter)),
    name(input.subject),
    createPublicKey(input.key).export({ format: 'der', type: 'spki' }),
    tlv(EXPLICIT | 3, tlv(TAG.seq, ...extensions)),
  );
  const key: KeyObject = createPrivateKey(input.issuerKey);
  return tlv(TAG.seq, body, algorithm, tlv(TAG.bits, Buffer.from([0]), sign('sha256', body, key)));
}
