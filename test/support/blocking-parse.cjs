// Preloaded into a process whose event loop is to stand still: reading a text that names the file `TEST_BLOCK_UNTIL` blocks
// it, as a computation without end would, until that file exists.
const { existsSync } = require('node:fs');

const file = process.env.TEST_BLOCK_UNTIL;
const parse = JSON.parse.bind(JSON);
const bell = new Int32Array(new SharedArrayBuffer(4));

JSON.parse = (text, reviver) => {
  while (String(text).includes(file) && !existsSync(file)) Atomics.wait(bell, 0, 0, 20);
  return parse(text, reviver);
};
