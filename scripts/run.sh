#!/usr/bin/env bash
# Runs worklint once, keeps its exit code, and hands on every report.
set -euo pipefail
fail() {
  echo "::error title=worklint::$*"
  exit 2
}
cd -- "$WORKLINT_IN_DIR" 2> /dev/null || fail "the working directory does not exist"
reports="${RUNNER_TEMP//\\//}/worklint-reports"
rm -rf "$reports"
mkdir -p "$reports"

args=(check --color always --format full
  --output "sarif=$reports/worklint.sarif"
  --output "json=$reports/worklint.json"
  --output "github=$reports/annotations.txt"
  --output "markdown=$reports/summary.md")
if [[ -n $WORKLINT_IN_FAIL_ON ]]; then args+=(--fail-on "$WORKLINT_IN_FAIL_ON"); fi
if [[ -n $WORKLINT_IN_CONFIG ]]; then args+=(--config "$WORKLINT_IN_CONFIG"); fi
if [[ -n ${GITHUB_SERVER_URL:-} && -n ${GITHUB_REPOSITORY:-} && -n ${GITHUB_SHA:-} ]]; then
  args+=(--link-base "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/blob/$GITHUB_SHA/")
fi

# What the pull request changes. The checkout of a pull request is a merge whose first parent is the base, so that a
# depth of 2 is enough; with less, the commit's parents are asked for, then the base itself.
changed=$WORKLINT_IN_CHANGED
if [[ $changed == auto && -n $WORKLINT_BASE_SHA ]]; then changed=pull-request; fi
if [[ $changed == true || $changed == pull-request ]]; then
  base=""
  parent() { git rev-parse -q --verify 'HEAD^2' > /dev/null 2>&1 && git rev-parse 'HEAD^1'; }
  # A base without common history is none that lines can be compared with.
  common() { git merge-base "$1" HEAD > /dev/null 2>&1; }
  fetched() { git fetch -q --no-tags "$@" 2> /dev/null; }
  if ! base=$(parent); then
    base=""
    if [[ -n $WORKLINT_BASE_SHA ]] && common "$WORKLINT_BASE_SHA"; then
      base=$WORKLINT_BASE_SHA
    elif fetched --depth=2 origin "$(git rev-parse HEAD 2> /dev/null || true)" && base=$(parent); then
      :
    else
      base=""
      if [[ -n $WORKLINT_BASE_SHA ]] && fetched --depth=50 origin "$WORKLINT_BASE_SHA" && common "$WORKLINT_BASE_SHA"; then
        base=$WORKLINT_BASE_SHA
      fi
    fi
  fi
  if [[ -n $base ]]; then
    args+=(--diff-base "$base")
  elif [[ $changed == true ]]; then
    fail "the base commit is not available, set fetch-depth: 2 on actions/checkout"
  else
    echo "::warning title=worklint::the base commit is not available (set fetch-depth: 2 on actions/checkout), so all findings are shown"
  fi
fi

upload=$WORKLINT_IN_UPLOAD
if [[ $upload == auto ]]; then
  upload=true
  # The token of a pull request from a fork may only read.
  if [[ $WORKLINT_HEAD_FORK == true ]]; then upload=false; fi
fi

paths=()
while IFS= read -r line || [[ -n $line ]]; do
  line=${line%$'\r'}
  if [[ -n $line ]]; then paths+=("$line"); fi
done <<< "$WORKLINT_IN_PATHS"
if [[ ${#paths[@]} -eq 0 ]]; then paths=(.); fi

# Source text goes to the log: the runner must not read commands in it.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
code=0
echo "::stop-commands::$token"
"$WORKLINT_BIN" "${args[@]}" -- "${paths[@]}" || code=$?
echo "::$token::"

if [[ $code -gt 1 || ! -f $reports/worklint.sarif ]]; then upload=false; fi
if [[ -f $reports/annotations.txt ]]; then
  if [[ $upload == true ]]; then
    # Code scanning shows what is wrong in changed lines itself; what only goes through them it cannot.
    grep -F '%0Ahere: ' "$reports/annotations.txt" || true
  else
    cat "$reports/annotations.txt"
  fi
fi
if [[ -f $reports/summary.md ]]; then
  {
    head -c 1000000 "$reports/summary.md"
    printf '\n%s\n' "The same on your machine: \`worklint check${base:+ --diff-base $base}\`"
  } >> "$GITHUB_STEP_SUMMARY"
fi
{
  echo "exit-code=$code"
  echo "upload=$upload"
  echo "sarif-file=$reports/worklint.sarif"
  echo "json-file=$reports/worklint.json"
} >> "$GITHUB_OUTPUT"
