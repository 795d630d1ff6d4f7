# ---- What every exported demo has ----------------------------------------------------------------

# Bash 3.2 and later. A variable in a command is one word, and no word is a pattern of file names.
set -euo pipefail
set -f +B
IFS=

yes=no
for word in "$@"; do
  case $word in
    -y | --yes) yes=yes ;;
    -h | --help)
      sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
      exit 0
      ;;
    *)
      printf 'Unknown argument: %s. There are --yes and --help.\n' "$word" >&2
      exit 2
      ;;
  esac
done
interactive=no
if [ "$yes" = no ] && [ -t 0 ] && [ -t 1 ]; then
  interactive=yes
fi
strong='' faint='' good='' bad='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
  strong=$'\033[1m' faint=$'\033[2m' good=$'\033[32m' bad=$'\033[31m' plain=$'\033[0m'
fi

# A folder of our own: the demo's files are in it, and commands write into it.
scratch=$(mktemp -d)
mkdir "$scratch/work"

# Old versions of the AWS CLI do not read AWS_ENDPOINT_URL. What a command has removed need not be
# removed at the end.
aws() {
  local status=0
  if [ -n "${AWS_ENDPOINT_URL:-}" ]; then
    command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@" || status=$?
  else
    command aws "$@" || status=$?
  fi
  if [ "$status" = 0 ]; then
    forget aws "$@"
  fi
  return "$status"
}

# The ledger: what is created, and the command that removes it.
ledger_names=()
ledger_lines=()
ledger_count=0
watched=''

# will_create NAME COMMAND...
will_create() {
  local name=$1 line at
  shift
  line=$(printf '%q ' "$@")
  for ((at = 0; at < ledger_count; at++)); do
    if [ "${ledger_lines[at]}" = "$line" ]; then
      return 0
    fi
  done
  ledger_names[ledger_count]=$name
  ledger_lines[ledger_count]=$line
  ledger_count=$((ledger_count + 1))
}

forget() {
  local line at
  line=$(printf '%q ' "$@")
  for ((at = 0; at < ledger_count; at++)); do
    if [ "${ledger_lines[at]}" = "$line" ]; then
      ledger_lines[at]=''
    fi
  done
}

on_exit() {
  local status=$? at
  trap - EXIT
  trap '' INT TERM HUP
  set +e
  if [ -n "$watched" ]; then
    printf '\nStopping the build %s.\n' "$watched"
    aws codebuild stop-build --id "$watched" --query build.buildStatus --output text
  fi
  for ((at = ledger_count - 1; at >= 0; at--)); do
    if [ -n "${ledger_lines[at]}" ]; then
      printf '\nRemoving what is left: %s\n' "${ledger_names[at]}"
      if ! eval "${ledger_lines[at]}" >/dev/null; then
        printf '%sIt may still be there. To remove it:%s %s\n' "$bad" "$plain" "${ledger_lines[at]}" >&2
        if [ "$status" = 0 ]; then
          status=1
        fi
      fi
    fi
  done
  cd /
  rm -rf "$scratch"
  exit "$status"
}
trap on_exit EXIT
trap 'exit 130' INT TERM HUP

say() { cat; printf '\n'; }

# step NUMBER COUNT TITLE MINUTES
step() {
  if [ "$1" != 1 ] && [ "$interactive" = yes ]; then
    read -r -p "${faint}Enter: next step. Ctrl-C: stop and remove what is there.$plain " || exit 130
  fi
  printf '\n%sStep %s of %s, about %s min%s\n%s%s%s\n\n' \
    "$faint" "$1" "$2" "$4" "$plain" "$strong" "$3" "$plain"
}

# The command is what stands on standard input.
show_command() {
  local line prompt='$'
  while read -r line; do
    printf '%s%s%s %s%s%s\n' "$good" "$prompt" "$plain" "$strong" "$line" "$plain"
    prompt=' '
  done
  printf '\n'
}

show_file() {
  printf '%s%s%s\n' "$strong" "$1" "$plain"
  sed 's/^/    /' "$1"
  printf '\n'
}

step_failed() {
  local status=$?
  printf '\n%sThe command failed%s (exit status %s). The script stops here.\n' \
    "$bad" "$plain" "$status" >&2
  exit 1
}

# expect_failure CODE COMMAND...
expect_failure() {
  local code=$1 said
  shift
  if said=$("$@" 2>&1); then
    printf '%s\n\nThis was expected to fail with %s, but it succeeded.\n' "$said" "${code:-an error}"
    exit 1
  fi
  printf '%s\n' "$said" | sed '/^[[:space:]]*$/d'
  case $said in
    *"$code"*) printf '\nThis failure is expected.\n\n' ;;
    *)
      printf '\nThis was expected to fail with %s; it failed with something else.\n' "$code"
      exit 1
      ;;
  esac
}

trim() {
  local text=$1
  text=${text#"${text%%[![:space:]]*}"}
  printf '%s' "${text%"${text##*[![:space:]]}"}"
}

# matches TEXT PATTERN: an extended regular expression, by bytes.
matches() (
  LC_ALL=C
  [[ $1 =~ $2 ]]
)

# check TITLE text|pattern EXPECTED TIMEOUT DELAY RETRIES COMMAND...
check() {
  local title=$1 how=$2 expected=$3 timeout=$4 delay=$5 left=$6 begun=$SECONDS seen
  shift 6
  while :; do
    seen=$("$@" 2>"$scratch/said") || seen=$(cat "$scratch/said")
    seen=$(trim "$seen")
    if { [ "$how" = text ] && [ "$seen" = "$(trim "$expected")" ]; } ||
      { [ "$how" = pattern ] && matches "$seen" "$expected"; }; then
      printf '%s✔%s %s\n\n' "$good" "$plain" "$title"
      return 0
    fi
    if ((SECONDS - begun >= timeout)) || [ "$left" = 0 ]; then
      break
    fi
    if [ -n "$left" ]; then
      left=$((left - 1))
    fi
    sleep "$delay"
  done
  printf '%s✘%s %s\n  expected: %s\n  seen:     %s\n' "$bad" "$plain" "$title" "$expected" "$seen"
  exit 3
}

# print_log GROUP STREAM: one page of what is new in the log since log_token; a page holds thousands of
# lines. Events end with a newline of their own, so empty lines are left out. The first line of the
# answer is the next token.
print_log() {
  local answer next line
  if [ "$1" = None ] || [ "$2" = None ]; then
    return 0
  fi
  set -- --log-group-name "$1" --log-stream-name "$2" --start-from-head
  if [ -n "$log_token" ]; then
    set -- "$@" --next-token "$log_token"
  fi
  # There is no stream before the first line.
  answer=$(aws logs get-log-events "$@" --output text \
    --query '[[nextForwardToken], events[].[message]][]' 2>/dev/null) || return 0
  next=${answer%%$'\n'*}
  if [ "$next" != "$log_token" ]; then
    log_is_quiet=0 log_token=$next
  fi
  while read -r line; do
    if [ -n "$line" ]; then
      printf '  | %s\n' "$line"
    fi
  done <<<"$(printf '%s' "${answer#"$next"}" | printable)"
}

# Takes out colours and whatever else moves a cursor.
printable() {
  sed $'s/\033\\[[0-9;]*[A-Za-z]//g' | tr -d '\000-\010\013-\037\177'
}

# watch_build ID STATUS PHASE CODE: until the build is over and its log is read.
watch_build() {
  local id=$1 expect=$2 phase=$3 code=$4
  local rows kind first second third fourth status=unknown complete=False group=None stream=None
  local told=' ' failed='' failed_code='' missed=0 interval=3
  log_token='' log_is_quiet=0 watched=$id
  if [ -n "${AWS_ENDPOINT_URL:-}" ]; then
    interval=1
  fi
  while [ "$complete" != True ] || [ "$log_is_quiet" -lt 2 ]; do
    if ! rows=$(aws codebuild batch-get-builds --ids "$id" --output text --query "$build_rows" 2>"$scratch/said"); then
      missed=$((missed + 1))
      if [ "$missed" = 3 ]; then
        cat "$scratch/said" >&2
        printf '%sThe build cannot be seen any more.%s\n' "$bad" "$plain" >&2
        exit 1
      fi
      sleep "$interval"
      continue
    fi
    missed=0
    while IFS=$'\t' read -r kind first second third fourth; do
      if [ "$kind" = build ]; then
        status=$first complete=$second group=$third stream=$fourth
      fi
    done <<<"$rows"
    log_is_quiet=$((log_is_quiet + 1))
    print_log "$group" "$stream"
    while IFS=$'\t' read -r kind first second third fourth; do
      if [ "$kind" != phase ] || [ "$second" = None ]; then
        continue
      fi
      case $told in *" $first "*) continue ;; esac
      told="$told$first "
      if [ "$fourth" = None ]; then
        fourth=''
      fi
      printf '[%s] %s  %s s  %s\n' "$first" "$second" "$third" "$fourth"
      if [ "$second" != SUCCEEDED ] && [ -z "$failed" ]; then
        failed=$first failed_code=$fourth
      fi
    done <<<"$rows"
    if [ "$status" = None ] || [ "$status" = unknown ]; then
      printf '%sThere is no build %s.%s\n' "$bad" "$id" "$plain" >&2
      exit 1
    fi
    if [ "$complete" != True ] || [ "$log_is_quiet" -lt 2 ]; then
      sleep "$interval"
    fi
  done
  watched=''
  printf '\nThe build ended: %s\n\n' "$status"
  if [ -n "$failed" ]; then
    aws codebuild batch-get-builds --ids "$id" --output text \
      --query "builds[0].phases[?phaseStatus!='SUCCEEDED'].contexts[].message" | sed '/^None$/d'
    printf '\n'
  fi
  if [ "$status" != "$expect" ] || { [ -n "$phase" ] && [ "$phase" != "$failed" ]; } ||
    { [ -n "$code" ] && [ "$code" != "$failed_code" ]; }; then
    printf '%sThe build was expected to end %s %s %s; it ended %s %s %s.%s\n' "$bad" \
      "$expect" "$phase" "$code" "$status" "$failed" "$failed_code" "$plain" >&2
    exit 1
  fi
  if [ "$status" != SUCCEEDED ]; then
    printf 'This failure is expected.\n\n'
  fi
}
build_rows="[[['build', builds[0].buildStatus, builds[0].buildComplete, builds[0].logs.groupName, \
builds[0].logs.streamName]], builds[0].phases[].['phase', phaseType, phaseStatus, durationInSeconds, \
contexts[0].statusCode]][]"

# acceptable VALUE PATTERN CHOICES...
acceptable() {
  local value=$1 pattern=$2 choice
  shift 2
  if [ -n "$pattern" ] && ! matches "$value" "$pattern"; then
    return 1
  fi
  if [ "$#" = 0 ]; then
    return 0
  fi
  for choice in "$@"; do
    if [ "$choice" = "$value" ]; then
      return 0
    fi
  done
  return 1
}

# value_of NAME VALUE PROMPT DEFAULT PATTERN CHOICES...: prints the value, asked for if need be.
value_of() {
  local name=$1 value=$2 prompt=$3 default=$4 pattern=$5
  shift 5
  if [ -n "$value" ]; then
    if acceptable "$value" "$pattern" "$@"; then
      printf '%s' "$value"
      return 0
    fi
    printf '%s=%s is not a value for it' "$name" "$value" >&2
    if [ "$#" -gt 0 ]; then
      printf '; choose one of:' >&2
      printf ' %s' "$@" >&2
    elif [ -n "$pattern" ]; then
      printf '; it has to match %s' "$pattern" >&2
    fi
    printf '.\n' >&2
    exit 2
  fi
  if [ "$interactive" = no ] || [ -z "$prompt" ]; then
    if [ -z "$default" ]; then
      printf '%s has no value. Set it in the environment: %s=... bash %s\n' "$name" "$name" "$0" >&2
      exit 4
    fi
    printf '%s' "$default"
    return 0
  fi
  if [ "$#" -gt 0 ]; then
    printf '%s:\n' "$prompt" >&2
    printf '  %s\n' "$@" >&2
  fi
  while :; do
    read -r -p "$prompt${default:+ [$default]}: " value || exit 130
    value=$(trim "${value:-$default}")
    if [ -n "$value" ] && acceptable "$value" "$pattern" "$@"; then
      printf '%s' "$value"
      return 0
    fi
    if [ "$#" -gt 0 ]; then
      printf 'Type one of the list.\n' >&2
    else
      printf 'That does not match %s.\n' "${pattern:-anything}" >&2
    fi
  done
}

# Which profile and region, and whose account that is.
prepare_aws() {
  local known region regions identity
  if ! type -P aws >/dev/null; then
    printf 'There is no AWS CLI on the PATH. https://docs.aws.amazon.com/cli/ says how to get it.\n' >&2
    exit 4
  fi
  export AWS_PAGER='' AWS_DEFAULT_OUTPUT=json
  region=${AWS_REGION:-${AWS_DEFAULT_REGION:-}}
  if [ -n "${AWS_ENDPOINT_URL:-}" ]; then
    printf 'AWS_ENDPOINT_URL is set: all calls go to %s. Profile and region are not checked there.\n' "$AWS_ENDPOINT_URL"
    region=${region:-eu-central-1}
  else
    if [ -z "${AWS_PROFILE:-}" ] && [ -z "${AWS_ACCESS_KEY_ID:-}" ] && [ "$interactive" = yes ]; then
      AWS_PROFILE=$(value_of AWS_PROFILE '' 'AWS profile' default '')
      export AWS_PROFILE
    fi
    # AWS CLI 1 cannot list profiles.
    if [ -n "${AWS_PROFILE:-}" ] && known=$(command aws configure list-profiles 2>/dev/null) &&
      ! printf '%s\n' "$known" | grep -qxF -e "$AWS_PROFILE"; then
      printf 'There is no AWS profile %s. These are there:\n%s\n' "$AWS_PROFILE" "$known" >&2
      exit 4
    fi
    known=$(command aws configure get region 2>/dev/null || :)
    region=$(value_of AWS_REGION "$region" 'AWS region' "$known" '^[a-z]{2}(-[a-z]+)+-[0-9]+$')
    if regions=$(command aws ec2 describe-regions --region us-east-1 --output text \
      --query 'Regions[].RegionName' 2>/dev/null); then
      case $'\t'"$regions"$'\t' in
        *$'\t'"$region"$'\t'*) ;;
        *)
          printf 'Your account has no region %s.\n' "$region" >&2
          exit 4
          ;;
      esac
    else
      printf 'The list of regions cannot be read, so %s is not checked.\n' "$region"
    fi
  fi
  export AWS_REGION=$region AWS_DEFAULT_REGION=$region
  if ! identity=$(aws sts get-caller-identity --query Arn --output text); then
    printf 'AWS does not say who you are. Look at your credentials: aws configure list\n' >&2
    exit 4
  fi
  printf 'You are %s, and the region is %s.\n' "$identity" "$region"
  if [ "$interactive" = yes ] && [ -z "${AWS_ENDPOINT_URL:-}" ]; then
    read -r -p 'The demo creates things in this account and removes them at the end. Go on? [y/N] ' known || exit 130
    case $known in
      [yY]*) ;;
      *) exit 0 ;;
    esac
  fi
}

# The last answer to a question, kept for when it is explained.
answer=''

ask_question() {
  read -r -p "${faint}Your answer (Enter: skip): $plain" answer || exit 130
  printf '\n'
}

# right_choice RIGHT SHOWN ANSWER: RIGHT are the digits in order, SHOWN is for people.
right_choice() {
  local given
  given=$(printf '%s' "$3" | tr -cd '1-9' | fold -w 1 | sort -u | tr -d '\n')
  if [ -n "$given" ] && [ "$given" = "$1" ]; then
    printf '%sRight: %s.%s\n' "$good" "$2" "$plain"
  else
    printf 'The answer is %s.\n' "$2"
  fi
}

# right_text PATTERN SHOWN ANSWER
right_text() {
  shopt -s nocasematch
  if [ -n "$3" ] && { [[ $3 == "$2" ]] || { [ -n "$1" ] && matches "$3" "$1"; }; }; then
    printf '%sRight: %s.%s\n' "$good" "$2" "$plain"
  else
    printf 'The answer is %s.\n' "$2"
  fi
  shopt -u nocasematch
}

