import { connect } from 'node:net';

/** An answer of the service, read to its end. */
export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed JSON, empty when the answer is something else. */
  body: {
    success?: boolean;
    error?: { code: string; message: string; details: Record<string, unknown>; requestId: string };
  } & Record<string, unknown>;
  text: string;
}

export async function fetchAnswer(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  return answerOf(response.status, response.headers, text);
}

/** The parts of an answer, however it was received. */
export function answerOf(status: number, headers: Headers, text: string): Answer {
  const isJson = headers.get('content-type')?.startsWith('application/json') === true && text !== '';
  return { status, headers, text, body: (isJson ? JSON.parse(text) : {}) as Answer['body'] };
}

/** The init of a POST; a text is sent as it is, anything else as JSON. */
export function jsonPost(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  };
}

/** Bytes straight onto a connection, for what no HTTP client would send; the answer's bytes until it closes. */
export function exchangeBytes(url: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port, hostname } = new URL(url);
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('close', () => {
      resolve(text);
    });
    socket.on('error', reject);
  });
}

/** The envelope with this status and code, the request's id in both places, and nothing of our insides. */
export function expectRefusal(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body.error?.code }).toEqual({ status, code });
  expect(answer.body.success).toBe(false);
  expect(answer.body.error?.requestId).toBe(answer.headers.get('x-request-id'));
  expect(answer.text).not.toMatch(/node_modules|\.[jt]s:\d|at .*\(|FST_ERR|secret detail/);
}
