# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154
#
# What the scripts share: their arguments, checked. Sourced with the script's arguments, after usage() and
# `letters`, the options of its own. Sets program, input, output, format, parts, folder and the array encode.

fail() {
  echo "${0##*/}: $*" >&2
  exit 1
}

wrong_usage() {
  echo "${0##*/}: $*" >&2
  usage >&2
  exit 2
}

parts='' program=${WCENC_ENCODE:-wcenc-encode}
while getopts ":n:h$letters" letter; do
  case $letter in
    n) parts=$OPTARG ;;
    c) cpus=$OPTARG ;;
    H) hosts=$OPTARG ;;
    m) most=$OPTARG ;;
    p) partition=$OPTARG ;;
    h) usage; exit 0 ;;
    :) wrong_usage "-$OPTARG needs an argument" ;;
    *) wrong_usage "-$OPTARG is not an option" ;;
  esac
done
shift $((OPTIND - 1))
[ $# -ge 2 ] || wrong_usage "INPUT and OUTPUT are needed"
[[ $parts =~ ^[1-9][0-9]{0,5}$ ]] || wrong_usage "-n: \"$parts\" is not valid; use a number of parts such as 16"
input=$1 output=$2
shift 2
[ "${1:-}" != -- ] || shift
encode=("$@")
if [ ! -f "$input" ] || [ ! -r "$input" ]; then fail "$input is not a file that can be read"; fi
[ ! -e "$output" ] || fail "$output exists: remove it, or choose another name"
[ -d "$(dirname -- "$output")" ] || fail "$(dirname -- "$output") is not a folder"
case ${output##*/} in
  *.*) format=${output##*.} ;;
  *) fail "$output has no extension that names its format" ;;
esac
command -v "$program" >/dev/null || fail "$program is not installed; WCENC_ENCODE names another"
case $input$output in *$'\n'*) fail "names must not have a line break" ;; esac
input=$(realpath -- "$input")
output=$(realpath -- "$(dirname -- "$output")")/$(basename -- "$output")
folder=$output.parts
