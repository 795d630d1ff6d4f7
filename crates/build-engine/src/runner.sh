# Runs the commands of a build inside its container. POSIX sh: BusyBox ash, dash and bash run it.
# It reads from its standard input: first a token, then words with, where needed, lines of text up
# to a line that is the token. It answers with lines that begin with a record separator and the
# token. The token comes in this way so that neither ps nor env can show it to a command.
# Standard error goes where standard output goes, except that of the commands of a sandbox: the
# way to it is kept in 9, which no command inherits.
exec 9>&2 2>&1
unset __cb_token __cb_word __cb_rest __cb_line __cb_user
cd /

if [ "$1" = privileged ]; then
    # What a Docker daemon in a container needs; see hack/dind of moby.
    {
        mount --make-rshared /
        if [ -d /sys/kernel/security ] && [ ! -e /sys/kernel/security/lsm ]; then
            mount -t securityfs none /sys/kernel/security
        fi
        # cgroup v2: a group with processes of its own cannot give controllers to its children.
        if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
            mkdir -p /sys/fs/cgroup/init
            # Always the first that is left: the list changes under a reader.
            __cb_rest=0
            while [ "$__cb_rest" -lt 1000 ] && read -r __cb_line </sys/fs/cgroup/cgroup.procs; do
                echo "$__cb_line" >/sys/fs/cgroup/init/cgroup.procs || break
                __cb_rest=$((__cb_rest + 1))
            done
            read -r __cb_rest </sys/fs/cgroup/cgroup.controllers
            for __cb_line in $__cb_rest; do
                echo "+$__cb_line" >/sys/fs/cgroup/cgroup.subtree_control
            done
        fi
    } </dev/null >/dev/null 2>&1
fi

__cb_say() {
    printf '\036%s %s\n' "$__cb_token" "$1"
}

__cb_text() {
    while IFS= read -r __cb_line; do
        [ "$__cb_line" = "$__cb_token" ] && return 0
        printf '%s\n' "$__cb_line"
    done
    return 1
}

IFS= read -r __cb_token || exit 1
__cb_say ready
while IFS=' ' read -r __cb_word __cb_rest; do
    case $__cb_word in
    directory) mkdir -p "$__cb_rest" ;;
    file) __cb_text >"$__cb_rest" ;;
    new) if [ -e "$__cb_rest" ]; then __cb_text >/dev/null; else __cb_text >"$__cb_rest"; fi ;;
    append) __cb_text >>"$__cb_rest" ;;
    program) __cb_text >"$__cb_rest" && chmod 755 "$__cb_rest" ;;
    share)
        # For commands that do not run as root.
        chmod -R a+rX "$__cb_rest"
        chmod a+rwx /codebuild/output/tmp
        chmod a+rw /codebuild/output/tmp/*
        ;;
    run)
        $__cb_rest </dev/null 9>&-
        __cb_say "exit $?"
        ;;
    apart)
        # The same with standard error apart. Both streams tell the end.
        $__cb_rest </dev/null 2>&9 9>&-
        __cb_rest=$?
        __cb_say "exit $__cb_rest" >&9
        __cb_say "exit $__cb_rest"
        ;;
    as)
        # A user, then what that user runs.
        __cb_user=${__cb_rest%% *}
        __cb_rest=${__cb_rest#* }
        if command -v su >/dev/null; then
            su -s /bin/sh -c "$__cb_rest" "$__cb_user" </dev/null 9>&-
        else
            setpriv --reuid="$__cb_user" --regid="$(id -g "$__cb_user")" --init-groups \
                $__cb_rest </dev/null 9>&-
        fi
        __cb_say "exit $?"
        ;;
    esac
done
