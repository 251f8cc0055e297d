import { answerParent } from './child';
import { exchange, open } from './http-wire';
import type { LoadOutput } from './load-process';

export interface ReadLoadInput {
  readonly url: string;
  readonly connections: number;
  readonly requests: number;
  /** Headers of each connection's requests; connections take turns with them. */
  readonly headers: readonly Readonly<Record<string, string>>[];
}

/** GETs of one address over living connections, each sent as soon as the one before it is answered. */
answerParent(async ({ url, connections, requests, headers }: ReadLoadInput): Promise<LoadOutput> => {
  const { hostname, port, pathname, search } = new URL(url);
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(hostname, Number(port))));
  const latencies = new Float64Array(requests);
  const begin = performance.now();
  let next = 0;
  await Promise.all(
    sockets.map(async (socket, index) => {
      const request = requestOf(pathname + search, headers[index % Math.max(1, headers.length)] ?? {});
      for (let i = next++; i < requests; i = next++) {
        const sent = performance.now();
        await exchange(socket, request);
        latencies[i] = performance.now() - sent;
      }
    }),
  );
  const milliseconds = performance.now() - begin;
  for (const socket of sockets) socket.destroy();
  return { milliseconds, latencies };
});

function requestOf(path: string, headers: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from([`GET ${path} HTTP/1.1`, 'Host: bench', ...lines, '', ''].join('\r\n'));
}
