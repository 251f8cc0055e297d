/** Where scratch databases may be made. */
export function parseScratchUrl(value: string): string {
  if (/^postgres(?:ql)?:\/\//.test(value) && URL.canParse(value)) return value;
  throw new Error('--scratch-url must be an address that begins with postgresql://');
}
