import { Client, type ClientConfig } from 'pg';

/** What one session does; it ends with it, whatever happens. */
export async function withClient<T>(config: ClientConfig, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(config);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The statement under way fails with the connection; an idle one's end must not end the process. */
export async function connect(config: ClientConfig): Promise<Client> {
  const client = new Client(config);
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** As the service sees it: row-level security binds even the owner. */
export function serviceSession(url: string): ClientConfig {
  return { connectionString: url, application_name: 'kassa-verify', options: '-c role=kassa_service' };
}
