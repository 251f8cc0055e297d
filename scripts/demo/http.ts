export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as a browser sends a form. */
  readonly form?: Readonly<Record<string, string>>;
}

/** An answer that the story cannot go on with. */
export class UnexpectedAnswer extends Error {
  constructor(what: string, { status, text }: Answer) {
    super(`${what} was answered ${status}: ${text.slice(0, 500)}`);
  }
}

/** One request; redirects are answers, not followed. */
export async function request(url: string, { method, headers = {}, json, form }: Call = {}): Promise<Answer> {
  const body = json === undefined ? form && new URLSearchParams(form) : JSON.stringify(json);
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: json === undefined ? headers : { 'content-type': 'application/json', ...headers },
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** The JSON of a 2xx answer. @throws UnexpectedAnswer for any other. */
export async function requestJson<T>(url: string, call: Call = {}): Promise<T> {
  const answer = await request(url, call);
  const method = call.method ?? (call.json === undefined && call.form === undefined ? 'GET' : 'POST');
  if (answer.status < 200 || answer.status > 299) throw new UnexpectedAnswer(`${method} ${url}`, answer);
  return (answer.text === '' ? undefined : JSON.parse(answer.text)) as T;
}
