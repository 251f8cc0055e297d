import { createServer, type AddressInfo } from 'node:net';

/** A TCP port nobody listens on at 127.0.0.1. Nothing reserves it: who starts a server there must be ready to ask again. */
export function freePort(): Promise<number> {
  return listenBriefly(0, '127.0.0.1');
}

/** Whether a server that listens on every address would get this port. */
export function isPortFree(port: number): Promise<boolean> {
  return listenBriefly(port, '0.0.0.0').then(
    () => true,
    () => false,
  );
}

function listenBriefly(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(port, host, () => {
      const chosen = (probe.address() as AddressInfo).port;
      probe.close(() => {
        resolve(chosen);
      });
    });
  });
}
