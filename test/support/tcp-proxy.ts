import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A wire to a server that can go silent in one direction: what is asked arrives, what is answered does not. */
export interface TcpProxy {
  /** The server's address with the proxy in its place. */
  readonly url: string;
  /** From now on nothing the server says gets through, on living connections and on new ones. */
  holdReplies(): void;
  /** Lets through what was held, and all that follows. */
  releaseReplies(): void;
  /** Cuts every connection. */
  close(): Promise<void>;
}

/** @param target URL of the server; its port must be written out. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const upstreams = new Set<Socket>();
  let holding = false;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    upstreams.add(upstream);
    client.pipe(upstream);
    upstream.on('data', (chunk) => client.write(chunk));
    if (holding) upstream.pause();
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      // A killed process resets its connections; that is what the test wants to see from the other side.
      one.on('error', () => undefined);
      one.on('close', () => {
        upstreams.delete(upstream);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    holdReplies: () => {
      holding = true;
      for (const upstream of upstreams) upstream.pause();
    },
    releaseReplies: () => {
      holding = false;
      for (const upstream of upstreams) upstream.resume();
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const upstream of upstreams) upstream.destroy();
      await closed;
    },
  };
}
