import { allowedRedirect } from './redirect-policy';

const rules = {
  allowed: ['https://app.example.com', 'http://localhost:5173', 'myapp://'],
  httpsOnly: false,
};
const go = (raw: string, httpsOnly = false) => allowedRedirect(raw, 'successUrl', { ...rules, httpsOnly });

function refusalOf(raw: string): unknown {
  try {
    return go(raw);
  } catch (error) {
    return error;
  }
}

describe('allowedRedirect', () => {
  it.each([
    'https://app.example.com',
    'https://app.example.com/',
    'https://APP.example.com/ok?session={CHECKOUT_SESSION_ID}#top',
    'https://app.example.com:443/ok',
    'http://localhost:5173/ok',
    'myapp://paid/ok',
    'MyApp://paid',
  ])('lets %s through as it is', (url) => {
    expect(go(url)).toBe(url);
  });

  it.each([
    'https://evil.example',
    'http://app.example.com',
    'https://app.example.com:8443/',
    'https://app.example.com.evil.example/',
    'https://app.example.com@evil.example/',
    'https://user@app.example.com/',
    'https://@app.example.com/',
    'https://user:pw@app.example.com/',
    'https://evil.example\\@app.example.com/',
    'https:\\\\app.example.com/',
    'https:app.example.com',
    'https:///app.example.com',
    '//app.example.com/',
    '/relative',
    '',
    ' https://app.example.com/',
    'https://app.example.com/\n',
    'https://app.exam\tple.com/',
    'https://app.example.com/\u0000',
    'javascript:alert(1)//https://app.example.com',
    'javascript://app.example.com/%0aalert(1)',
    'data:text/html,x',
    'other://paid',
    'myapp:paid',
    'myapp://user@paid',
    'http://localhost:5174/',
  ])('refuses %j', (url) => {
    expect(refusalOf(url)).toMatchObject({
      code: 'REDIRECT_NOT_ALLOWED',
      kind: 'validation',
      details: { field: 'successUrl' },
    });
  });

  it('refuses plain http in production even when listed', () => {
    expect(() => go('http://localhost:5173/ok', true)).toThrow();
    expect(go('https://app.example.com/ok', true)).toBe('https://app.example.com/ok');
  });
});
