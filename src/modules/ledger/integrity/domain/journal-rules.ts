import { createHash } from 'node:crypto';
import type { Currency } from '../../../../shared/currency';
import { isAccountCode } from '../../domain/accounts';
import { contentOf, type JournalDraft } from '../../domain/journal';
import { POSTINGS, type PostingType } from '../../domain/posting-table';
import type { SealedTransaction } from './seal';

/** What one journal transaction can break by itself. */
export const JOURNAL_RULES = ['balance', 'content', 'template'] as const;

export interface RuleBroken {
  kind: (typeof JOURNAL_RULES)[number];
  message: string;
}

const REVERSED = '.reversed';
const REVERSAL = ':reversal';

/** Pure. What is wrong with it, looked at alone. */
export function rulesBroken(transaction: SealedTransaction): RuleBroken[] {
  return [...unbalanced(transaction), ...otherContent(transaction), ...offTemplate(transaction)];
}

function unbalanced({ entries }: SealedTransaction): RuleBroken[] {
  if (entries.length === 0) return [{ kind: 'balance', message: 'has no entries' }];
  const sums = new Map<string, bigint>();
  for (const [, , amount, currency] of entries) sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(amount));
  const broken: RuleBroken[] = [];
  for (const [currency, sum] of sums) {
    if (sum !== 0n) broken.push({ kind: 'balance', message: `is off by ${sum} ${currency}` });
  }
  return broken;
}

function otherContent({ type, refId, entries, contentHash }: SealedTransaction): RuleBroken[] {
  const lines = entries.map(([, account, amount, currency]) => ({
    account,
    amount: BigInt(amount),
    currency: currency as Currency,
  }));
  const content = contentOf({ type, refId, entries: lines } as Pick<JournalDraft, 'type' | 'refId' | 'entries'>);
  if (createHash('sha256').update(content).digest('hex') === contentHash) return [];
  return [{ kind: 'content', message: 'is not what was posted: type, reference and entries have another hash' }];
}

/** Type, key, accounts and reversal as the table of postings has them. */
function offTemplate(transaction: SealedTransaction): RuleBroken[] {
  const { type, reversesId, idempotencyKey: key } = transaction;
  const reversed = type.endsWith(REVERSED);
  const name = reversed ? type.slice(0, -REVERSED.length) : type;
  const broken = (message: string): RuleBroken => ({ kind: 'template', message });
  if (!isPosting(name)) return [broken(`is of the type ${type}, which no template makes`)];
  const { kind, undoneBy } = POSTINGS[name];
  const found: RuleBroken[] = [];
  if (reversed && undoneBy.length === 0) found.push(broken(`reverses a posting that nothing undoes`));
  if (reversed !== (reversesId !== null))
    found.push(broken(reversed ? 'names nothing that it reverses' : 'reverses, and its type does not say so'));
  if (reversed && !key.endsWith(REVERSAL)) found.push(broken('reverses under the key of a posting'));
  if (!isKeyOf(reversed ? key.replace(/:reversal$/, '') : key, transaction.provider, kind)) {
    found.push(broken(`has a key that is not of the form ${transaction.provider}:<object>:${kind}[:<occurrence>]`));
  }
  return [...found, ...strangeAccounts(transaction, name).map(broken)];
}

function isPosting(name: string): name is PostingType {
  return Object.hasOwn(POSTINGS, name);
}

function isKeyOf(key: string, provider: string, kind: string): boolean {
  const start = `${provider}:`;
  const at = key.indexOf(`:${kind}`, start.length);
  if (!key.startsWith(start) || at <= start.length) return false;
  const rest = key.slice(at + kind.length + 1);
  return rest === '' || (rest.startsWith(':') && rest.length > 1);
}

function strangeAccounts({ entries }: SealedTransaction, type: PostingType): string[] {
  const allowed: ReadonlySet<string> = ALLOWED.get(type) ?? new Set();
  const strange = new Set(entries.flatMap(([, account]) => (allowed.has(account) ? [] : [account])));
  return [...strange].map((account) =>
    isAccountCode(account) ? `may not move ${account}` : `moves ${account}, which is not in the chart of accounts`,
  );
}

const ALLOWED: ReadonlyMap<PostingType, ReadonlySet<string>> = new Map(
  Object.entries(POSTINGS).map(([type, { accounts }]) => [type as PostingType, new Set<string>(accounts)]),
);
