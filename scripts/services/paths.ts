import path from 'node:path';

export const ROOT = path.resolve(__dirname, '../..');

/** What this clone keeps between runs and does not commit: data folders, logs, generated secrets, build stamps. */
export const STATE_FOLDER = path.join(ROOT, '.kassa');
