import { connect, type Socket } from 'node:net';

/** HTTP by hand over one connection. */
export function open(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => {
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** One request and its whole answer. HTTP by hand: a client library would cost more than the server it measures. */
export function exchange(socket: Socket, request: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const settle = (error?: Error): void => {
      socket.off('data', read).off('close', closed);
      if (error) reject(error);
      else resolve();
    };
    const closed = (): void => {
      settle(new Error('The server closed the connection'));
    };
    const read = (chunk: Buffer): void => {
      answer += chunk.toString('latin1');
      const end = answer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = /\r\ncontent-length: (\d+)/i.exec(answer)?.[1];
      if (length === undefined) settle(new Error(`An answer without a length: ${answer}`));
      else if (answer.length >= end + 4 + Number(length))
        settle(answer.startsWith('HTTP/1.1 200 ') ? undefined : new Error(`Not a 200: ${answer}`));
    };
    socket.on('data', read).once('close', closed);
    socket.write(request);
  });
}
