// SPDX-License-Identifier: MIT
//
// The add-on: the one that WCENC_NODE_ADDON names, or the one that `npm install` has built beside this file.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));

// Says in one sentence what is wrong with an add-on that is missing, cannot be loaded, or is another one.
function loadAddon(named) {
  const path = resolve(named || `${folder}build/wcenc.node`);
  const complain = (what, cause) => {
    throw new Error(`${named ? 'WCENC_NODE_ADDON: ' : ''}${path} ${what}. Run \`npm install\` in ${folder}, which builds `
      + 'the add-on with an installed libwcenc, or set WCENC_NODE_ADDON to the path of a wcenc.node.', { cause });
  };
  if (!existsSync(path)) complain('does not exist');
  let exports;
  try {
    exports = createRequire(import.meta.url)(path);
  } catch (cause) {
    complain(`cannot be loaded: ${cause.message}`, cause);
  }
  return typeof exports?.encoderCreate === 'function' ? exports : complain('is not the add-on of libwcenc');
}

export const native = loadAddon(process.env.WCENC_NODE_ADDON);
