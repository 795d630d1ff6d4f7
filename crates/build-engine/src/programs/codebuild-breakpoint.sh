#!/bin/sh
# Stops the build until codebuild-resume runs, if the build has a debug session.
state=/codebuild/output/tmp
if [ ! -e "$state/debug-session" ]; then
    echo "codebuild-breakpoint: this build has no debug session, so it goes on"
    exit 0
fi
rm -f "$state/resume"
container=$(hostname 2>/dev/null || cat /etc/hostname)
echo "The build has stopped at a breakpoint. Open a shell in its container from another terminal:"
echo "  docker exec -it $container sh"
echo "There, '. $state/env.sh' gives the build's variables and 'codebuild-resume' lets the build go on."
until [ -e "$state/resume" ]; do
    sleep 1
done
rm -f "$state/resume"
