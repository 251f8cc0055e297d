import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Counter } from 'prom-client';
import { Clock } from '../../shared/clock';
import { Metrics } from '../metrics';
import { CacheRedis } from './cache-redis';

/** One sort of cached values. */
export interface CacheKind<T> {
  /** Part of every key. */
  readonly name: string;
  /** Raised with the shape that `encode` writes: processes of two releases run side by side and share a Redis. */
  readonly version: number;
  /** Milliseconds of wall time a value may be used at most, from the moment its load began. */
  readonly maxLifeMs: number;
  /** The same for one value; more than `maxLifeMs` is cut, nothing left is not kept. */
  readonly lifeMs: (value: T) => number;
  readonly encode: (value: T) => string;
  readonly decode: (text: string) => T;
}

/** A load slower than this is not kept. */
const SLOWEST_LOAD_MS = 10_000;
/** Longer than any load whose value is kept, so that no load ends after the trace of an eviction it has overlapped. */
const EPOCH_MS = 60_000;
const EVICT_WITHIN_MS = 2_000;

/** KEYS: value, epoch. ARGV: the epoch the load began in, the value, its life in milliseconds. */
const STORE = `
if (redis.call('GET', KEYS[2]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`;

/** KEYS: value, epoch. ARGV: a new epoch, its life in milliseconds. */
const EVICT = `
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return redis.call('DEL', KEYS[1])`;

/**
 * Values in Redis in front of PostgreSQL. Whatever Redis does, the answer is right or at most `maxLifeMs` old:
 *
 * - An eviction may overtake a load: the reader has read the old rows, the writer commits and evicts, the reader stores. So
 *   every eviction leaves an epoch, a token never used before. A load begins by reading the epoch, and its value is stored
 *   only if the epoch is still that one; comparing and storing is one script.
 * - Whoever asks after an eviction never gets the result of a load begun before it: concurrent misses share a load only
 *   within one epoch.
 * - A Redis that was away during an eviction, lost the epoch in a flush, or comes back with old data can hold an old value:
 *   each one carries its end in wall time, which the reader checks himself.
 * - A Redis that is away or slow is a miss.
 */
@Injectable()
export class Cache {
  private readonly loads = new Map<string, Promise<unknown>>();
  private readonly reads: Counter<'kind' | 'outcome'>;

  constructor(
    private readonly redis: CacheRedis,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    this.reads = metrics.counter({
      name: 'kassa_cache_reads_total',
      help: 'Reads through the cache: hit, miss, or away (Redis did not answer)',
      labelNames: ['kind', 'outcome'],
    });
  }

  /** The cached value, or else what `load` reads, which is then kept. Throws what `load` throws. */
  async read<T>(kind: CacheKind<T>, id: string, load: () => Promise<T>): Promise<T> {
    const keys = keysOf(kind, id);
    const text = await this.redis.ask((redis) => redis.get(keys[0]));
    const cached = text ? this.unpack(kind, text) : undefined;
    if (cached !== undefined) {
      this.reads.inc({ kind: kind.name, outcome: 'hit' });
      return cached;
    }
    const epoch = text === undefined ? undefined : await this.redis.ask((redis) => redis.get(keys[1]));
    if (epoch === undefined) {
      this.reads.inc({ kind: kind.name, outcome: 'away' });
      return load();
    }
    this.reads.inc({ kind: kind.name, outcome: 'miss' });
    return this.loadOnce(kind, keys, epoch ?? '', load);
  }

  /** The cached value where it is at hand; undefined for a miss. Loads nothing. */
  async peek<T>(kind: CacheKind<T>, id: string): Promise<T | undefined> {
    const text = await this.redis.ask((redis) => redis.get(keysOf(kind, id)[0]));
    const cached = text ? this.unpack(kind, text) : undefined;
    // A miss is counted by who reads on.
    if (cached !== undefined) this.reads.inc({ kind: kind.name, outcome: 'hit' });
    return cached;
  }

  /** From now on nobody gets what was read before. @throws where Redis cannot be told. */
  async evict(kind: KeyedKind, id: string): Promise<void> {
    const [value, epoch] = keysOf(kind, id);
    await this.redis.insist(EVICT_WITHIN_MS, (redis) => redis.eval(EVICT, 2, value, epoch, randomUUID(), EPOCH_MS));
  }

  /** A value of one's own that may be forgotten at any moment; Redis away forgets it at once. @param value JSON. */
  async set(key: string, value: unknown, seconds: number): Promise<void> {
    await this.redis.ask((redis) => redis.set(`kassa:note:${key}`, JSON.stringify(value), 'EX', seconds));
  }

  /** What was set; null where it was not, or is forgotten. */
  async get(key: string): Promise<unknown> {
    const text = await this.redis.ask((redis) => redis.get(`kassa:note:${key}`));
    return text ? (JSON.parse(text) as unknown) : null;
  }

  private async loadOnce<T>(kind: CacheKind<T>, keys: Keys, epoch: string, load: () => Promise<T>): Promise<T> {
    const name = `${keys[0]} ${epoch}`;
    const running = this.loads.get(name) as Promise<T> | undefined;
    if (running) return running;
    const loading = this.loadAndKeep(kind, keys, epoch, load).finally(() => this.loads.delete(name));
    this.loads.set(name, loading);
    return loading;
  }

  private async loadAndKeep<T>(kind: CacheKind<T>, keys: Keys, epoch: string, load: () => Promise<T>): Promise<T> {
    const begun = this.clock.wall().getTime();
    const value = await load();
    const took = this.clock.wall().getTime() - begun;
    const life = Math.floor(Math.min(kind.lifeMs(value), kind.maxLifeMs));
    if (took > SLOWEST_LOAD_MS || life - took <= 0) return value;
    const packed = `${begun + life};${kind.encode(value)}`;
    await this.redis.ask((redis) => redis.eval(STORE, 2, ...keys, epoch, packed, life - took));
    return value;
  }

  /** Undefined where its end has passed, or lies further ahead than anybody could have set it. */
  private unpack<T>(kind: CacheKind<T>, text: string): T | undefined {
    const end = text.indexOf(';');
    const left = Number(text.slice(0, end)) - this.clock.wall().getTime();
    return left > 0 && left <= kind.maxLifeMs ? kind.decode(text.slice(end + 1)) : undefined;
  }
}

type KeyedKind = Pick<CacheKind<unknown>, 'name' | 'version'>;
type Keys = readonly [value: string, epoch: string];

/** The braces keep both keys in one slot of a cluster. */
function keysOf({ name, version }: KeyedKind, id: string): Keys {
  const base = `kassa:cache:{${name}:${version}:${id}}`;
  return [`${base}:value`, `${base}:epoch`];
}
