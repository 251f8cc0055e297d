import { createRequire } from 'node:module';
import type * as Library from 'ibantools' with { 'resolution-mode': 'import' };

/** Its types say that it is an ES module only, though it brings both: so it is required by hand. */
export const ibanTools = createRequire(__filename)('ibantools') as typeof Library;
