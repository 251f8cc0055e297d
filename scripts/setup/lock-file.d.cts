/** Names a process for as long as it lives: a process id alone may be given to somebody else later. */
export interface ProcessIdentity {
  pid: number;
  startedAt: string;
}

export function thisProcess(): ProcessIdentity;

export function isAlive(identity: ProcessIdentity): boolean;

/**
 * Takes a lock that belongs to this process and ends with it: a lock whose owner is dead is taken over.
 * @returns a function that gives it back, or undefined when a living process holds it.
 */
export function tryLock(file: string): (() => void) | undefined;
