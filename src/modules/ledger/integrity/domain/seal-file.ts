import { sealHash, type Seal } from './seal';

/** The last line of a file of seals; one without it was cut off. */
interface FileEnd {
  end: true;
  seals: string;
  head: string | null;
}

/** Pure: one seal as a line of JSON; whole numbers beyond 2^53 are text. */
export function sealLine(seal: Seal): string {
  const { number, previousHash, hash, contentHash, afterSeq, last, maxSeq, transactions, entries, sealedAt } = seal;
  return `${JSON.stringify({
    ...{ number: String(number), hash, previousHash, contentHash, afterSeq: String(afterSeq) },
    ...{
      lastXactId: String(last.xactId),
      lastSeq: String(last.seq),
      maxSeq: String(maxSeq),
      transactions,
      entries,
      sealedAt,
    },
  })}\n`;
}

/** Pure. @param head hash of the last seal; null where there is none. */
export function sealFileEnd(seals: bigint, head: string | null): string {
  return `${JSON.stringify({ end: true, seals: String(seals), head } satisfies FileEnd)}\n`;
}

/** Pure. @returns null where the line is neither a seal whose hash is right nor the end of a file. */
export function parseSealLine(line: string): Seal | FileEnd | null {
  const read = objectOf(line);
  if (!read) return null;
  if (read['end'] === true) return isFileEnd(read) ? read : null;
  const { previousHash, transactions, entries } = read;
  const sealedAt = new Date(textOf(read['sealedAt']));
  if (Number.isNaN(sealedAt.getTime())) return null;
  // Whatever is not what it should be, the hash tells.
  const seal: Seal = {
    ...{
      number: wholeOf(read['number']),
      hash: textOf(read['hash']),
      contentHash: textOf(read['contentHash']),
      sealedAt,
    },
    ...{ previousHash: previousHash === null ? null : textOf(previousHash), afterSeq: wholeOf(read['afterSeq']) },
    ...{
      last: { xactId: wholeOf(read['lastXactId']), seq: wholeOf(read['lastSeq']) },
      maxSeq: wholeOf(read['maxSeq']),
    },
    ...{ transactions: Number(transactions), entries: Number(entries) },
  };
  return sealHash(seal) === seal.hash ? seal : null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function wholeOf(value: unknown): bigint {
  return /^\d{1,19}$/.test(textOf(value)) ? BigInt(textOf(value)) : -1n;
}

function objectOf(line: string): Record<string, unknown> | null {
  try {
    const read: unknown = JSON.parse(line);
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function isFileEnd(read: Record<string, unknown>): read is Record<string, unknown> & FileEnd {
  return typeof read['seals'] === 'string' && (read['head'] === null || typeof read['head'] === 'string');
}
