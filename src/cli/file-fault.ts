/** What an operator can see to himself, without our stack trace: the file is there already, or not, or not his. */
export function isFileFault(error: unknown): error is Error {
  return (
    error instanceof Error && 'code' in error && ['EEXIST', 'ENOENT', 'EACCES', 'EPIPE'].includes(String(error.code))
  );
}
