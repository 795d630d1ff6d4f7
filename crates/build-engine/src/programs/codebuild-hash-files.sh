#!/bin/sh
# Prints one SHA-256 sum of the content of files, for keys of caches. Directories count with all
# their files.
[ $# -gt 0 ] || {
    echo "usage: codebuild-hash-files FILE..." >&2
    exit 2
}
find "$@" -type f | LC_ALL=C sort | while IFS= read -r file; do
    sha256sum <"$file"
done | sha256sum | cut -d ' ' -f 1
