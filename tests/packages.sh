# shellcheck shell=bash
# What a bare Debian needs to build libwcenc, its tests and its examples: the one list of it. Sourced by the scripts;
# install_packages installs what is missing of it, as root or through sudo.

WCENC_PACKAGES=(
  build-essential
  cmake
  doxygen
  ffmpeg
  fonts-dejavu-core
  libaom-dev
  libavcodec-dev
  libavfilter-dev
  libavformat-dev
  libavutil-dev
  libcmocka-dev
  libopenh264-dev
  libswscale-dev
  libuv1-dev
  libvpx-dev
  libwebsockets-dev
  libx11-dev
  libxext-dev
  libxtst-dev
  locales
  pkg-config
  python3
  python3-numpy
  xvfb
)

# What the long form adds: large packages for tests that are skipped without them. Elsewhere than on 64-bit ARM,
# kernels with NEON are built by a cross compiler and run in an emulator. The cluster tests start Slurm themselves.
WCENC_LONG_PACKAGES=(chromium parallel slurm-wlm)
if [ "$(uname -m)" != aarch64 ]; then
  WCENC_LONG_PACKAGES+=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user)
fi
# Node may have come from elsewhere, which Debian's packages do not go with.
command -v npm >/dev/null || WCENC_LONG_PACKAGES+=(nodejs npm)

install_packages() { # further packages
  local missing=() package as_root=()
  for package in "${WCENC_PACKAGES[@]}" "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "missing packages, and neither root nor sudo to install them: ${missing[*]}" >&2
      return 1
    }
    as_root=(sudo)
  fi
  echo "installing ${missing[*]}"
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
