# Getting a model's files from a hub that answers as Hugging Face's does. To be sourced after common.sh.
#
# The caller sets `model` and `revision`; `work` is the folder that files come to. Addresses and the
# token reach curl on its standard input, so that neither is in a list of processes, and the token is
# sent to the hub alone: where it redirects to, the address carries what is needed.

endpoint=${HF_ENDPOINT:-https://huggingface.co}
endpoint=${endpoint%/}
token=${HF_TOKEN:-}
# Nothing that is started from here needs it.
unset HF_TOKEN

scratch=$(mktemp -d) || fail "no temporary folder can be made"
child=
trap 'rm -rf "$scratch"' EXIT
for signal in INT:130 TERM:143 HUP:129; do
  # shellcheck disable=SC2064
  trap "interrupted ${signal#*:}" "${signal%:*}"
done
# A file beyond the size limit is an error of its write.
trap '' XFSZ

interrupted() {
  if [ -n "$child" ]; then kill "$child" 2>/dev/null || true; fi
  clear_progress
  say "${0##*/}: interrupted; the same command goes on from here"
  exit "$1"
}

# Refuses an address or a token that could be taken for something else.
check_hub() {
  local is_address='^https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*$'
  [[ $endpoint =~ $is_address ]] ||
    fail "HF_ENDPOINT: expected an address such as https://huggingface.co"
  # As files and clipboards leave it.
  token=${token//[$' \t\r\n']/}
  [[ $token =~ ^[A-Za-z0-9._~+/=-]*$ ]] || fail "HF_TOKEN: has characters that no token has"
}

# Starts curl on an address, with the token if the second argument says so, and waits for it. Unlike a
# command in the foreground, it can be interrupted.
hub_curl() {
  local address=$1 with_token=$2 status=0 protocols='=http,https'
  shift 2
  if [[ $endpoint == https:* ]]; then protocols='=https'; fi
  {
    printf 'url = "%s"\n' "$address"
    if [ -n "$with_token" ] && [ -n "$token" ]; then
      printf 'header = "Authorization: Bearer %s"\n' "$token"
    fi
  } | curl --disable --config - --globoff --silent --proto "$protocols" --connect-timeout 30 \
    --user-agent swift-attention "$@" &
  child=$!
  if [ -n "${watched-}" ]; then watch "$watched"; fi
  wait "$child" || status=$?
  child=
  return "$status"
}

# A header's value in the last response.
header() {
  awk -v name="$1:" '
    /^HTTP\// { value = "" }
    tolower(substr($0, 1, length(name))) == name { value = substr($0, length(name) + 1) }
    END { gsub(/^[ \t"]+|[ \t\r"]+$/, "", value); print value }' "$scratch/headers"
}

# Scheme, host and port of an address.
origin() {
  [[ $1 =~ ^https?://[^/?#]+ ]] && printf '%s' "${BASH_REMATCH[0]}"
}

# Asks the hub about a file of the model. Then `sum` is its SHA-256 (64 digits) or the SHA-1 that git
# gives it (40), `size` its bytes if that is known, `commit` what the revision stands for, `source` where
# the file can be read, and `source_token` whether with the token.
#
# Returns 1 if the model has no such file; ends the script if nothing can be known.
resolve() {
  local file=$1 address="$endpoint/$model/resolve/${revision//\//%2F}/$1" location etag hop
  sum='' size='' commit='' source_token=yes
  for hop in 1 2 3 4 5 6; do
    local status=0
    hub_curl "$address" "$source_token" --head --suppress-connect-headers --max-time 60 --retry 2 \
      >"$scratch/headers" || status=$?
    [ "$status" -eq 0 ] || fail "$file: $(curl_failure "$status" "$(origin "$address")")"
    status=$(awk '/^HTTP\// { status = $2 } END { print status }' "$scratch/headers")
    case $status in
      200 | 301 | 302 | 303 | 307 | 308) ;;
      404)
        case $(header x-error-code) in
          RepoNotFound) fail "$endpoint has no model $model" ;;
          RevisionNotFound) fail "$model has no revision $revision" ;;
        esac
        return 1
        ;;
      *) fail "$file: $(http_failure "$status" "$(header x-error-code)")" ;;
    esac
    etag=$(header x-linked-etag)
    if [ -z "$etag" ]; then etag=$(header etag); fi
    etag=${etag#W/\"}
    if [[ $etag =~ ^([0-9a-f]{40}|[0-9a-f]{64})$ ]]; then sum=$etag; fi
    commit=${commit:-$(header x-repo-commit)}
    size=$(header x-linked-size)
    source=$address
    if [ "$status" -eq 200 ]; then
      size=${size:-$(header content-length)}
      break
    fi

    location=$(header location)
    case $location in
      //*) location=${address%%:*}:$location ;;
      /*) location=$(origin "$address")$location ;;
    esac
    [[ $location =~ ^https?://[!-~]+$ && $location != *[\"\\]* ]] ||
      fail "$file: the hub leads to no address"
    if [ "$(origin "$location")" != "$(origin "$endpoint")" ]; then source_token=; fi
    source=$location
    # Elsewhere is where the bytes are; what they must be has been said.
    if [ -z "$source_token" ] && [ -n "$sum" ]; then break; fi
    [ "$hop" -lt 6 ] || fail "$file: the hub leads from address to address"
    address=$location
  done
  [[ $size =~ ^[0-9]{1,15}$ ]] || size=
  [[ $commit =~ ^[0-9a-f]{40}$ ]] || commit=
  [ -n "$sum" ] || fail "$file: the hub gives no checksum for it"
}

# Whether a file has a checksum of the kind that `resolve` finds.
has_sum() {
  local actual
  [ -f "$1" ] || return 1
  case ${#2} in
    64) actual=$(sha256sum <"$1") ;;
    *) actual=$({ printf 'blob %d\0' "$(wc -c <"$1")" && cat "$1"; } | sha1sum) ;;
  esac
  [ "${actual%% *}" = "$2" ]
}

# Brings the file that `resolve` has just found to $work, and checks it. What an interruption left there
# is gone on from; a connection that breaks is made again for as long as bytes come.
download() {
  local file=$1 limit=$2 part="$work/$1.$sum.part" failures=0 mismatches=0
  local before status http options
  mkdir -p "$(dirname "$part")" && : >>"$part" || fail "$part cannot be written"
  while true; do
    before=$(wc -c <"$part")
    options=(--fail --continue-at - --output "$part" --write-out '%{http_code}' --max-filesize "$limit")
    options+=(--speed-limit 1 --speed-time 60)
    # Where there is no token, redirections can be followed.
    if [ -z "$source_token" ] || [ -z "$token" ]; then options+=(--location --max-redirs 5); fi
    status=0 http=200
    if [ -z "$size" ] || [ "$before" -ne "$size" ] || [ "$size" -eq 0 ]; then
      watched=$part hub_curl "$source" "$source_token" "${options[@]}" >"$scratch/http" || status=$?
      http=$(cat "$scratch/http")
      clear_progress
    fi
    if [ "$status" -eq 0 ] && [[ $http == 20[06] ]]; then
      if has_sum "$part" "$sum"; then
        mv "$part" "$work/$file" || fail "$work/$file cannot be written"
        return
      fi
      rm -f "$part" && : >"$part"
      # Perhaps what an earlier attempt left was wrong: once more from the beginning.
      mismatches=$((mismatches + 1))
      [ "$before" -gt 0 ] && [ "$mismatches" -eq 1 ] ||
        fail "$file is not what it should be: its checksum differs"
      continue
    fi

    case $status:$http in
      # Not to be gone on from, or not there (any more).
      0:* | 33:* | 36:* | *:416) rm -f "$part" && : >"$part" ;;
      23:* | 153:*) fail "$file cannot be written: is the disk full?" ;;
      63:*) fail "$file: larger than the $(human "$limit") that such a file may have" ;;
    esac
    if [ "$(wc -c <"$part")" -gt "$before" ]; then failures=0; else failures=$((failures + 1)); fi
    case $status:$http in
      18:* | 28:* | 33:* | 36:* | 52:* | 55:* | 56:* | 92:* | *:416 | *:429 | *:5?? | *:403)
        if [ "$failures" -lt 4 ]; then
          if [ "$failures" -gt 0 ]; then sleep "$failures"; fi
          # Addresses outside the hub are good for some time only.
          resolve "$file" || fail "$file: the hub has it no longer"
          [ "$part" = "$work/$file.$sum.part" ] || fail "$file: has changed on the hub; try again"
          continue
        fi
        ;;
    esac
    if [ "$status" -eq 0 ] || [ "$status" -eq 22 ]; then fail "$file: $(http_failure "$http" "")"; fi
    fail "$file: $(curl_failure "$status" "$(origin "$source")")"
  done
}

# What an exit status of curl means.
curl_failure() {
  case $1 in
    5 | 6) echo "$2 cannot be found: is there a network?" ;;
    7) echo "$2 cannot be reached: is there a network?" ;;
    18 | 52 | 55 | 56 | 92) echo "the connection to $2 broke again and again; try later" ;;
    28) echo "$2 does not answer in time; try later" ;;
    35 | 51 | 58 | 60 | 77) echo "no safe connection to $2: its certificate is not accepted" ;;
    *) echo "$2 cannot be read (curl ended with $1)" ;;
  esac
}

# What an HTTP status means, with the hub's own code for it.
http_failure() {
  case $1:$2:${token:+token} in
    401:GatedRepo: | 403:GatedRepo:)
      echo "$model is for those who accepted its terms at $endpoint/$model: then set HF_TOKEN" ;;
    40[13]:GatedRepo:*)
      echo "$model is for those who accepted its terms at $endpoint/$model" ;;
    401:*:) echo "$model is not there, or not for everybody: if it is yours to read, set HF_TOKEN" ;;
    401:*) echo "the hub does not accept HF_TOKEN for $model, or there is no such model" ;;
    403:*) echo "access to $model is refused" ;;
    404:*) echo "no such file" ;;
    429:*) echo "the hub wants fewer requests; try later" ;;
    *) echo "the hub answers with HTTP status $1; try later" ;;
  esac
}

# Bytes for people: 17 B, 4.2 MB.
human() {
  awk -v bytes="$1" 'BEGIN {
    split("B kB MB GB TB", units); unit = 1
    while (bytes >= 999.5 && unit < 5) { bytes /= 1000; unit++ }
    printf(unit > 1 && bytes < 9.95 ? "%.1f %s" : "%.0f %s", bytes, units[unit])
  }'
}

# Shows how much of a file has come while curl runs, on a terminal, after a second.
watch() {
  local begin=$SECONDS now last=
  [ -t 2 ] || return 0
  while kill -0 "$child" 2>/dev/null; do
    sleep 0.2
    if [ "$SECONDS" -le "$begin" ]; then continue; fi
    now=$(wc -c <"$1")
    printf '\r\033[K  %s%s%s' "$(human "$now")" "${size:+ of $(human "$size")}" \
      "${size:+, $((now * 100 / (size > 0 ? size : 1))) %}" >&2
    shown=yes
  done
}

clear_progress() {
  if [ -n "${shown-}" ]; then printf '\r\033[K' >&2; fi
  shown=
}
