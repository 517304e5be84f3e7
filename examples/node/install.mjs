// SPDX-License-Identifier: MIT
//
// What `npm install` runs: builds the add-on in build/, with CMake, a C compiler and the libwcenc that pkg-config finds.
// It takes nothing from a network. WCENC_NODE_ADDON names an add-on that is there already.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const build = `${folder}build`;

function fail(problem) {
  console.error(`wcenc: ${problem}`);
  process.exit(1);
}

function run(program, args, stdio = 'inherit') {
  const { error, status } = spawnSync(program, args, { stdio });
  if (error) fail(`${program} cannot be run (${error.code}); install cmake, pkg-config and a C compiler, on Debian with\n`
    + '    apt-get install build-essential cmake pkg-config libnode-dev');
  return status === 0;
}

if (!process.env.WCENC_NODE_ADDON) {
  const pkgConfig = process.env.PKG_CONFIG || 'pkg-config';
  if (!run(pkgConfig, ['--exists', 'wcenc >= 0.2'], 'ignore'))
    fail('pkg-config finds no libwcenc of version 0.2 or later. Install it, with `cmake --install` or as a package; in\n'
      + 'another prefix than the usual ones, set PKG_CONFIG_PATH to its lib/pkgconfig.');
  const built = run('cmake', ['-S', folder, '-B', build, '-DCMAKE_BUILD_TYPE=Release'])
    && run('cmake', ['--build', build]);
  if (!built) fail('the add-on was not built; the messages above say why');
}
