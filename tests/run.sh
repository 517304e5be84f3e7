#!/bin/bash
# Builds libwcenc and runs its tests; on a fresh Debian it first installs what is missing. See usage below.
set -euo pipefail

usage() {
  cat <<'END'
usage: bash tests/run.sh [--sanitize asan-ubsan|tsan] [--long] [--stress SECONDS] [--only REGEX] [--build-only] [-h]

Without options: the preset "dev" is built in build/dev and all of its tests are run.
  --sanitize NAME  build that preset instead, and leave out tests labelled "slow"
  --long           everything: slow tests under sanitizers too. Without --sanitize: the tests of "dev", 100,000 cells of
                   what may be asked for, every option of every encoder, the files that a frame passes, noise in 400
                   random configurations, rates at every size and framerate, still pictures in each bitrate mode, every
                   allocation failing once and small stacks with every encoder, the bindings as pip and npm install
                   them, the latency of the live server in Chromium, parts of a video on clusters of Slurm and of ssh that
                   are started here, 3,000 conversions between random sizes, the tests of "asan-ubsan", "tsan" and a build
                   with clang, each fuzzer for a minute, and each fault of tests/faults, which a test has to catch
  --stress SECONDS build the preset, and run only the random test, of which the tests run up to a minute, for so long:
                   --sanitize tsan --stress 3600
  --only REGEX     of all tests of the preset, those with --long too, only the ones whose names match: --only cluster
  --build-only     build, run nothing

The last line is "N passed, N failed, N skipped"; the status is 0 if nothing failed.
END
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tests/packages.sh
source tests/packages.sh

sanitize='' long=false build_only=false stress=0 only=''
fuzz_seconds=60
while [ $# -gt 0 ]; do
  case $1 in
    --sanitize)
      sanitize=${2:-}
      case $sanitize in
        asan-ubsan | tsan) ;;
        *) echo "--sanitize takes asan-ubsan or tsan" >&2; exit 2 ;;
      esac
      shift
      ;;
    --long) long=true ;;
    --stress)
      stress=${2:-}
      [[ $stress =~ ^[1-9][0-9]*$ ]] || { echo "--stress takes a number of seconds" >&2; exit 2; }
      shift
      ;;
    --only)
      only=${2:-}
      [ -n "$only" ] || { echo "--only takes a regular expression" >&2; exit 2; }
      shift
      ;;
    --build-only) build_only=true ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done

cores=$(nproc)
passed=0 failed=0 skipped=0

build() { # name, further arguments of cmake
  local name=$1
  shift
  echo "== build: $name"
  cmake "$@"
  cmake --build "build/$name" -j "$cores"
}

# Adds the results in a log of ctest to the sums.
count_results() { # log
  local line
  while IFS= read -r line; do
    case $line in
      *" Passed "*) passed=$((passed + 1)) ;;
      *'***Skipped'* | *'***Not Run (Disabled)'*) skipped=$((skipped + 1)) ;;
      *) failed=$((failed + 1)) ;;
    esac
  done < <(grep -E '^ *[0-9]+/[0-9]+ Test +#[0-9]+: ' "$1" || true)
}

run_tests() { # name, further arguments of ctest
  local name=$1 status=0 before=$failed
  shift
  [ "$build_only" = false ] || return 0
  echo "== tests: $name"
  ctest --test-dir "build/$name" --output-on-failure --no-tests=error -j "$cores" "$@" 2>&1 |
    tee "build/$name/tests.log" || status=$?
  count_results "build/$name/tests.log"
  # A failure of ctest itself counts too.
  if [ "$status" -ne 0 ] && [ "$failed" -eq "$before" ]; then
    failed=$((failed + 1))
  fi
}

preset() { # name, further arguments of ctest
  local name=$1
  shift
  build "$name" --preset "$name"
  run_tests "$name" "$@"
}

run_grid() { # name, cells
  local seed
  seed=$(date +%s)
  [ "$build_only" = false ] || return 0
  echo "== grid: $1, $2 cells of seed $seed"
  if (cd "build/$1" && tests/test_grid "$2" "$seed" >grid.log 2>&1); then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    grep -a -B3 'FAILED' "build/$1/grid.log" | tail -n 60
  fi
}

# The long form of a program of tests/process, with one encoder after the other.
run_long_process() { # name, program, encoders
  local name=$1 program=$2 encoder status
  shift 2
  [ "$build_only" = false ] || return 0
  for encoder in "$@"; do
    echo "== $program: $name, $encoder"
    status=0
    "build/$name/tests/process/$program" --codec "$encoder" --long >"build/$name/${program}_$encoder.log" 2>&1 || status=$?
    case $status in
      0) passed=$((passed + 1)) ;;
      77) skipped=$((skipped + 1)) ;;
      *)
        failed=$((failed + 1))
        tail -n 60 "build/$name/${program}_$encoder.log"
        ;;
    esac
  done
}

# A program by its path in tests/, whose failures are printed.
run_program() { # name, what it does, program, further arguments
  local name=$1 what=$2 program=$3 log=build/$1/${3##*/}.log
  shift 3
  [ "$build_only" = false ] || return 0
  echo "== $what: $name"
  if (cd "build/$name" && "tests/$program" "$@") >"$log" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
  grep -a FAILED "$log" | cut -c 1-1000 || true
  tail -n 1 "$log"
}

# How many files pass a frame on, in an instrumented build of the library.
run_file_count() {
  [ "$build_only" = false ] || return 0
  echo "== files that a frame passes: at most 8"
  if python3 tests/abi/count_files.py --most 8 >build/files.log 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
  tail -n 2 build/files.log
}

run_stress() { # name, seconds
  local support=$PWD/tests/support
  build "$1" --preset "$1"
  [ "$build_only" = false ] || return 0
  echo "== stress: $1, $2 s"
  if TSAN_OPTIONS=suppressions=$support/tsan.supp:halt_on_error=1 LSAN_OPTIONS=suppressions=$support/lsan.supp \
    UBSAN_OPTIONS=print_stacktrace=1 "build/$1/tests/stress/wcenc-stress" --seconds "$2"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
}

run_resize() { # name, pairs of sizes
  local seed
  seed=$(date +%s)
  [ "$build_only" = false ] || return 0
  echo "== resize: $1, $2 pairs of sizes of seed $seed"
  if (cd "build/$1" && tests/test_resize "$2" "$seed" >resize.log 2>&1); then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    tail -n 20 "build/$1/resize.log"
  fi
}

has_libfuzzer() {
  command -v clang >/dev/null || return 1
  mkdir -p build/fuzz
  echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
    clang -x c -fsanitize=fuzzer,address - -o build/fuzz/probe 2>/dev/null
}

run_clang() {
  if ! command -v clang >/dev/null; then
    echo "skipped: a build with clang, which is not installed"
    skipped=$((skipped + 1))
    return 0
  fi
  build clang -S . -B build/clang -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=RelWithDebInfo -DWCENC_WERROR=ON
  run_tests clang
}

run_fuzzers() {
  local program name
  if ! has_libfuzzer; then
    echo "skipped: the fuzzers, which need clang with libFuzzer"
    skipped=$((skipped + 1))
    return 0
  fi
  echo "== build: fuzz"
  cmake -S . -B build/fuzz -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=RelWithDebInfo -DWCENC_BUILD_FUZZERS=ON \
    -DWCENC_BUILD_EXAMPLES=OFF
  cmake --build build/fuzz -j "$cores" --target fuzzers
  [ "$build_only" = false ] || return 0
  for program in build/fuzz/fuzzers/fuzz_*; do
    name=${program##*/fuzz_}
    echo "== fuzz: $name, $fuzz_seconds s"
    mkdir -p "build/fuzz/found/$name"
    if "$program" -max_total_time="$fuzz_seconds" -timeout=10 -print_final_stats=1 -artifact_prefix="build/fuzz/$name-" \
      "build/fuzz/found/$name" "tests/fuzz/corpus/$name" >"build/fuzz/$name.log" 2>&1; then
      passed=$((passed + 1))
      grep -E '^stat::(number_of_executed_units|new_units_added)' "build/fuzz/$name.log" || true
    else
      failed=$((failed + 1))
      tail -n 60 "build/fuzz/$name.log"
    fi
  done
}

run_faults() {
  local log=build/faults.log status=0 before=$failed
  [ "$build_only" = false ] || return 0
  echo "== faults"
  mkdir -p build
  python3 tests/faults/run.py --jobs "$cores" 2>&1 | tee "$log" || status=$?
  if [[ $(tail -n 1 "$log") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
  fi
  # A failure of the script itself counts too.
  if [ "$status" -ne 0 ] && [ "$failed" -eq "$before" ]; then
    failed=$((failed + 1))
  fi
}

if [ "$long" = true ] || [ -n "$only" ]; then
  install_packages "${WCENC_LONG_PACKAGES[@]}"
else
  install_packages
fi

if [ "$stress" -gt 0 ]; then
  run_stress "${sanitize:-dev}" "$stress"
elif [ -n "$only" ]; then
  preset "${sanitize:-dev}" -C long -R "$only"
elif [ -n "$sanitize" ]; then
  without=(-LE slow)
  [ "$long" = false ] || without=()
  preset "$sanitize" "${without[@]}"
else
  preset dev
  if [ "$long" = true ]; then
    run_grid dev 100000
    # libsvtav1 never returns where it has no memory for a frame.
    run_long_process dev test_no_memory libx264 libx265 libvpx libvpx-vp9 libaom-av1 librav1e native-vp8 native-vp9 native-av1
    run_long_process dev test_stack libx264 libx265 libvpx libvpx-vp9 libaom-av1 librav1e libsvtav1
    run_program dev options process/test_option_walk
    run_file_count
    run_program dev noise process/test_noise 400 "$(date +%s)"
    run_program dev rates test_rate --long
    run_program dev effort test_effort --long
    run_program dev 'still pictures' test_still --long
    run_tests dev -C long -R '^native_|-long$'
    run_resize dev 3000
    preset asan-ubsan
    preset tsan
    run_clang
    run_fuzzers
    run_faults
  fi
fi

[ "$build_only" = false ] || exit 0
echo "total time: $SECONDS s"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
