# Try a solution in bash: SOLUTION TESTS TOKEN.
#
# A test is a command that begins with [, [[, ((, test, ! or assert, and holds if it succeeds; each is done in a shell of
# its own. Everything else in the file of tests is done in order. Each test becomes a line, TOKEN and JSON; the last says
# "end".
__tests=$2 __token=$3 __text=""

__quoted() {
  local text=${1//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//$'\n'/\\n}
  printf '%s' "\"${text//[[:cntrl:]]/ }\""
}

__try() {
  local trace problem=""
  if ! trace=$( (set -x; eval "$1") 2>&1 >/dev/null); then
    problem="failed: ${trace##*$'\n'}"
  fi
  printf '\n%s {"test": %s, "problem": %s}\n' "$__token" "$(__quoted "$1")" "$(__quoted "${problem:0:300}")"
}

__broken=$(bash -n "$1" 2>&1) || {
  printf '\n%s {"test": "", "problem": %s}\n' "$__token" "$(__quoted "$__broken")"
  exit 1
}
source "$1"
# Lines belong together until they can be read as a program.
while IFS= read -r __line || [ -n "$__line" ]; do
  __text+=$__line$'\n'
  bash -n <<<"$__text" 2>/dev/null || continue
  case ${__text#"${__text%%[![:space:]]*}"} in
    '['* | '(('* | 'test '* | '!'* | assert*) __try "${__text%$'\n'}" ;;
    *) eval "$__text" ;;
  esac
  __text=""
done <"$__tests"
printf '\n%s {"end": true}\n' "$__token"
