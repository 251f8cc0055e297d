const BYTEA_OID = 17;
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;

/**
 * Pure: a `bytea[]` parameter in PostgreSQL's binary format (array_recv in its source; `pg` sends a Buffer as binary).
 * `pg` itself would write an array as text, with two hexadecimal digits per byte.
 */
export function binaryByteaArray(items: readonly Buffer[]): Buffer {
  let size = HEADER_BYTES;
  for (const { length } of items) size += LENGTH_BYTES + length;
  const array = Buffer.allocUnsafe(size);
  let at = 0;
  // Dimensions, no NULLs, the elements' type; then the one dimension's length and the index it begins with.
  for (const word of [1, 0, BYTEA_OID, items.length, 1]) at = array.writeInt32BE(word, at);
  for (const item of items) {
    at = array.writeInt32BE(item.length, at);
    at += item.copy(array, at);
  }
  return array;
}
