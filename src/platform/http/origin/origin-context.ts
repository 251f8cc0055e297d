import { AsyncLocalStorage } from 'node:async_hooks';

/** Where a request came from, as far as the proxies in front are believed. Personal data: never stored or logged as it is. */
export interface RequestOrigin {
  /** IPv4, or the /64 of an IPv6 address: who has one of those has all of it. */
  readonly address: string;
  /** ISO 3166 alpha-2, upper case, of a trusted proxy's header; null where none says it. */
  readonly country: string | null;
}

const storage = new AsyncLocalStorage<RequestOrigin>();

/** Lets what stands below a controller know where the payment attempt it works for came from. */
export const OriginContext = {
  /** Undefined outside a payment attempt. */
  current(): RequestOrigin | undefined {
    return storage.getStore();
  },
  run<T>(origin: RequestOrigin, work: () => T): T {
    return storage.run(origin, work);
  },
};
