import { AsyncLocalStorage } from 'node:async_hooks';

/** A privileged request while it is carried out. */
export interface PrivilegedRequest {
  /** Where it comes from, hashed: see `AddressHash`. */
  readonly addressHash: string;
  /** Whether something was written into the audit log for it. */
  noted: boolean;
}

const storage = new AsyncLocalStorage<PrivilegedRequest>();

/** Lets the audit log know for which privileged request an entry is written, however deep below its controller. */
export const PrivilegedContext = {
  /** Undefined outside a privileged request: for what users do to what is theirs, sweepers, commands. */
  current(): PrivilegedRequest | undefined {
    return storage.getStore();
  },
  run<T>(request: PrivilegedRequest, work: () => T): T {
    return storage.run(request, work);
  },
};
