import { parseNetwork } from './address-policy';
import { endpointUrlProblem } from './endpoint-url';

const loopback = parseNetwork('127.0.0.0/8');
const strict = { httpsOnly: true, allowed: [] };
const development = { httpsOnly: false, allowed: loopback ? [loopback] : [] };

describe("an endpoint's URL", () => {
  it.each([
    'https://api.example.com/webhooks?tenant=1',
    'https://api.example.com:8443/',
    'https://xn--bcher-kva.example/',
    'https://8.8.8.8/',
    'https://[2606:4700::1111]/',
  ])('is fine: %s', (url) => {
    expect(endpointUrlProblem(url, strict)).toBeNull();
  });

  it.each([
    ['', /such as/],
    ['api.example.com', /such as/],
    ['https://', /such as/],
    ['https://api.example.com/a b', /such as/],
    ['https://api.example.com\\@127.0.0.1/', /such as/],
    ['ftp://api.example.com/', /start with https/],
    ['file:///etc/passwd', /start with https/],
    ['javascript:alert(1)', /start with https/],
    ['http://api.example.com/', /https:\/\/ in production/],
    ['https://user@api.example.com/', /user name/],
    ['https://user:word@api.example.com/', /user name/],
    ['https://api.example.com/#part', /fragment/],
    ['https://api.example.com:22/', /port/],
    ['https://api.example.com:25/', /port/],
    ['https://api.example.com:6379/', /port/],
    ['https://api.example.com:5432/', /port/],
    [`https://api.example.com/${'x'.repeat(2048)}`, /at most 2048/],
    ['https://localhost/', /internet/],
    ['https://localhost./', /internet/],
    ['https://kassa.localhost/', /internet/],
    ['https://127.0.0.1/', /internet/],
    ['https://127.0.0.1./', /internet/],
    ['https://2130706433/', /internet/],
    ['https://0x7f000001/', /internet/],
    ['https://0x7f.1/', /internet/],
    ['https://017700000001/', /internet/],
    ['https://127.1/', /internet/],
    ['https://0/', /internet/],
    ['https://１２７.0.0.1/', /internet/],
    ['https://169.254.169.254/latest/meta-data/', /internet/],
    ['https://[::1]/', /internet/],
    ['https://[::ffff:127.0.0.1]/', /internet/],
    ['https://[64:ff9b::7f00:1]/', /internet/],
    ['https://10.0.0.1:8443/', /internet/],
  ])('is refused: %s', (url, problem) => {
    expect(endpointUrlProblem(url, strict)).toMatch(problem);
  });

  it.each(['http://127.0.0.1:3000/', 'http://localhost:3000/', 'http://2130706433:3000/', 'http://api.example.com/'])(
    'may be of a network that is allowed, outside production without TLS: %s',
    (url) => {
      expect(endpointUrlProblem(url, development)).toBeNull();
    },
  );

  it('does not open the other networks with it', () => {
    expect(endpointUrlProblem('http://10.0.0.1/', development)).toMatch(/internet/);
    expect(endpointUrlProblem('http://[::1]/', development)).toMatch(/internet/);
  });
});
