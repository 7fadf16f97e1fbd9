# Downloads files of a model from the Hugging Face hub, or a hub with the same API. Source this file after
# common.sh.
#
# The caller sets `model`, `revision`, and `work`, the folder for the files. curl gets addresses and the
# token on standard input, so that they are not visible in the process list. The token is sent only to the
# hub; the addresses that the hub redirects to are signed.

endpoint=${HF_ENDPOINT:-https://huggingface.co}
endpoint=${endpoint%/}
token=${HF_TOKEN:-}
# Child processes do not need the token.
unset HF_TOKEN

scratch=$(mktemp -d) || fail "cannot create a temporary folder"
child=
trap 'rm -rf "$scratch"' EXIT
for signal in INT:130 TERM:143 HUP:129; do
  # shellcheck disable=SC2064
  trap "interrupted ${signal#*:}" "${signal%:*}"
done
# Ignore the signal, so that exceeding the file size limit is a write error.
trap '' XFSZ

interrupted() {
  if [ -n "$child" ]; then kill "$child" 2>/dev/null || true; fi
  clear_progress
  say "${0##*/}: interrupted; run the same command again to resume"
  exit "$1"
}

# Fails for an endpoint or a token with characters that could inject curl options.
check_hub() {
  local is_address='^https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*$'
  [[ $endpoint =~ $is_address ]] ||
    fail "HF_ENDPOINT: expected a URL such as https://huggingface.co"
  # Remove white space, which files and clipboards may add.
  token=${token//[$' \t\r\n']/}
  [[ $token =~ ^[A-Za-z0-9._~+/=-]*$ ]] || fail "HF_TOKEN: invalid character"
}

# hub_curl ADDRESS WITH_TOKEN OPTION…: runs curl, with the token if WITH_TOKEN is not empty. curl runs in the
# background, so that signals to this script are handled at once.
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

# The value of a header in the last response.
header() {
  awk -v name="$1:" '
    /^HTTP\// { value = "" }
    tolower(substr($0, 1, length(name))) == name { value = substr($0, length(name) + 1) }
    END { gsub(/^[ \t"]+|[ \t\r"]+$/, "", value); print value }' "$scratch/headers"
}

# The scheme, host and port of an address.
origin() {
  [[ $1 =~ ^https?://[^/?#]+ ]] && printf '%s' "${BASH_REMATCH[0]}"
}

# Requests the metadata of a file of the model and sets
#   sum           its SHA-256 (64 digits) or git SHA-1 (40 digits)
#   size          its size in bytes; empty if unknown
#   commit        the commit of the revision
#   source        the address to download the file from
#   source_token  not empty if this address needs the token
#
# Returns 1 if the model has no such file. Ends the script on other errors.
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
      fail "$file: the hub sends an invalid redirection"
    if [ "$(origin "$location")" != "$(origin "$endpoint")" ]; then source_token=; fi
    source=$location
    # The file is on another host, and its checksum is known.
    if [ -z "$source_token" ] && [ -n "$sum" ]; then break; fi
    [ "$hop" -lt 6 ] || fail "$file: the hub sends too many redirections"
    address=$location
  done
  [[ $size =~ ^[0-9]{1,15}$ ]] || size=
  [[ $commit =~ ^[0-9a-f]{40}$ ]] || commit=
  [ -n "$sum" ] || fail "$file: the hub sends no checksum"
}

# has_sum FILE SUM: whether a file has a SHA-256 (64 digits) or a git SHA-1 (40 digits).
has_sum() {
  local actual
  [ -f "$1" ] || return 1
  case ${#2} in
    64) actual=$(sha256sum <"$1") ;;
    *) actual=$({ printf 'blob %d\0' "$(wc -c <"$1")" && cat "$1"; } | sha1sum) ;;
  esac
  [ "${actual%% *}" = "$2" ]
}

# download FILE LIMIT: downloads the file of the last `resolve` to $work and checks its checksum. Resumes
# a partial file, and retries a lost connection as long as it makes progress.
download() {
  local file=$1 limit=$2 part="$work/$1.$sum.part" failures=0 mismatches=0
  local before status http options
  mkdir -p "$(dirname "$part")" && : >>"$part" || fail "$part: cannot be written"
  while true; do
    before=$(wc -c <"$part")
    options=(--fail --continue-at - --output "$part" --write-out '%{http_code}' --max-filesize "$limit")
    options+=(--speed-limit 1 --speed-time 60)
    # Follow redirections only if the token is not sent.
    if [ -z "$source_token" ] || [ -z "$token" ]; then options+=(--location --max-redirs 5); fi
    status=0 http=200
    if [ -z "$size" ] || [ "$before" -ne "$size" ] || [ "$size" -eq 0 ]; then
      watched=$part hub_curl "$source" "$source_token" "${options[@]}" >"$scratch/http" || status=$?
      http=$(cat "$scratch/http")
      clear_progress
    fi
    if [ "$status" -eq 0 ] && [[ $http == 20[06] ]]; then
      if has_sum "$part" "$sum"; then
        mv "$part" "$work/$file" || fail "$work/$file: cannot be written"
        return
      fi
      rm -f "$part" && : >"$part"
      # The partial file of an earlier attempt may have been wrong: download once more from the start.
      mismatches=$((mismatches + 1))
      [ "$before" -gt 0 ] && [ "$mismatches" -eq 1 ] ||
        fail "$file: checksum mismatch"
      continue
    fi

    case $status:$http in
      # The server cannot resume, or the file is no longer at this address.
      0:* | 33:* | 36:* | *:416) rm -f "$part" && : >"$part" ;;
      23:* | 153:*) fail "$file: cannot be written; is the disk full?" ;;
      63:*) fail "$file: larger than the limit of $(human "$limit")" ;;
    esac
    if [ "$(wc -c <"$part")" -gt "$before" ]; then failures=0; else failures=$((failures + 1)); fi
    case $status:$http in
      18:* | 28:* | 33:* | 36:* | 52:* | 55:* | 56:* | 92:* | *:416 | *:429 | *:5?? | *:403)
        if [ "$failures" -lt 4 ]; then
          if [ "$failures" -gt 0 ]; then sleep "$failures"; fi
          # Signed addresses expire, so request a new one.
          resolve "$file" || fail "$file: no longer on the hub"
          [ "$part" = "$work/$file.$sum.part" ] || fail "$file: changed on the hub during the download; try again"
          continue
        fi
        ;;
    esac
    if [ "$status" -eq 0 ] || [ "$status" -eq 22 ]; then fail "$file: $(http_failure "$http" "")"; fi
    fail "$file: $(curl_failure "$status" "$(origin "$source")")"
  done
}

# curl_failure STATUS HOST: describes an exit status of curl.
curl_failure() {
  case $1 in
    5 | 6) echo "$2: host not found; check the network connection" ;;
    7) echo "$2 cannot be reached; check the network connection" ;;
    18 | 52 | 55 | 56 | 92) echo "the connection to $2 was lost repeatedly; try again later" ;;
    28) echo "$2 does not respond; try again later" ;;
    35 | 51 | 58 | 60 | 77) echo "no secure connection to $2: its certificate is not accepted" ;;
    *) echo "cannot download from $2 (curl exit status $1)" ;;
  esac
}

# http_failure STATUS CODE: describes an HTTP status and the error code of the hub.
http_failure() {
  case $1:$2:${token:+token} in
    401:GatedRepo: | 403:GatedRepo:)
      echo "$model is gated: accept the terms at $endpoint/$model and set HF_TOKEN" ;;
    40[13]:GatedRepo:*)
      echo "$model is gated: accept the terms at $endpoint/$model" ;;
    401:*:) echo "$model does not exist or is private; for a private model, set HF_TOKEN" ;;
    401:*) echo "the hub does not accept HF_TOKEN for $model, or the model does not exist" ;;
    403:*) echo "access to $model is refused" ;;
    404:*) echo "no such file" ;;
    429:*) echo "too many requests; try again later" ;;
    *) echo "the hub responds with HTTP status $1; try again later" ;;
  esac
}

# Formats a number of bytes, such as 17 B or 4.2 MB.
human() {
  awk -v bytes="$1" 'BEGIN {
    split("B kB MB GB TB", units); unit = 1
    while (bytes >= 999.5 && unit < 5) { bytes /= 1000; unit++ }
    printf(unit > 1 && bytes < 9.95 ? "%.1f %s" : "%.0f %s", bytes, units[unit])
  }'
}

# Shows the progress of a download on a terminal while curl runs, starting after one second.
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
