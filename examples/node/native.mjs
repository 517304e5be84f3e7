// SPDX-License-Identifier: MIT
//
// The add-on: the one that WCENC_NODE_ADDON names, or the one that the release preset builds in the tree of libwcenc.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// Says in one sentence what is wrong with an add-on that is missing, cannot be loaded, or is another one.
function loadAddon(named) {
  const built = fileURLToPath(new URL('../../build/release/examples/node/wcenc.node', import.meta.url));
  const path = named ? resolve(named) : built;
  const complain = (what, cause) => {
    throw new Error(`${named ? 'WCENC_NODE_ADDON: ' : ''}${path} ${what}. Build the add-on with \`cmake --preset `
      + 'release && cmake --build --preset release --target wcenc_node` in the tree of libwcenc, or set '
      + 'WCENC_NODE_ADDON to the path of its wcenc.node.', { cause });
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
