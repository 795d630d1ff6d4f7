#!/bin/sh
# Answers git who the build is, for repositories of CodeCommit: a user name and a signature made of
# the build's keys, as AWS's own credential helper makes them.
[ "$1" = get ] || exit 0
host= path=
while IFS='=' read -r key value; do
    case $key in
    host) host=${value%%:*} ;;
    path) path=/$value ;;
    '') break ;;
    esac
done
[ -n "$AWS_ACCESS_KEY_ID" ] && [ -n "$AWS_SECRET_ACCESS_KEY" ] || {
    echo "git-credential-codebuild: this build has no keys, so that it cannot sign for $host" >&2
    exit 1
}
command -v openssl >/dev/null || {
    echo "git-credential-codebuild: the image has no openssl, which signs for $host: install it" >&2
    exit 1
}
region=${AWS_REGION:-$AWS_DEFAULT_REGION}
now=$(date -u +%Y%m%dT%H%M%S)
day=${now%T*}
hex() { od -An -v -tx1 | tr -d ' \n'; }
hmac() { openssl dgst -sha256 -mac HMAC -macopt "hexkey:$1" -binary | hex; }
request=$(printf 'GIT\n%s\n\nhost:%s\n\nhost\n' "$path" "$host" | openssl dgst -sha256 -binary | hex)
key=$(printf 'AWS4%s' "$AWS_SECRET_ACCESS_KEY" | hex)
for part in "$day" "$region" codecommit aws4_request; do
    key=$(printf %s "$part" | hmac "$key")
done
signature=$(printf 'AWS4-HMAC-SHA256\n%s\n%s/%s/codecommit/aws4_request\n%s' \
    "$now" "$day" "$region" "$request" | hmac "$key")
printf 'username=%s\npassword=%sZ%s\n' \
    "$AWS_ACCESS_KEY_ID${AWS_SESSION_TOKEN:+%$AWS_SESSION_TOKEN}" "$now" "$signature"
