import { AsyncLocalStorage } from 'node:async_hooks';

/** The keyed request that is being carried out. */
export interface KeyedRequest {
  /** The caller: `user:<sub>`, `internal` or `cron`. */
  readonly scope: string;
  readonly key: string;
  /** SHA-256 over method, path and body. */
  readonly hash: Buffer;
}

const storage = new AsyncLocalStorage<KeyedRequest>();

/**
 * Lets a flow deep below the controller find the key of the request it works for. A request repeated after a crash runs
 * again under the same scope and key, so that a flow which stored them with its intent resumes that intent.
 */
export const IdempotencyContext = {
  /** Undefined outside a keyed request. */
  current(): KeyedRequest | undefined {
    return storage.getStore();
  },
  run<T>(request: KeyedRequest, work: () => T): T {
    return storage.run(request, work);
  },
};
