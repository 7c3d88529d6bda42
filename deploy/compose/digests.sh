#!/bin/sh
# Writes the present digest of each image that Dockerfile and docker-compose.yml name by version and digest. Nothing else
# changes, so that `git diff` shows which images are newer. It asks their registries. Run the tests before you keep it.
#
#   sh deploy/compose/digests.sh
set -eu
cd "$(dirname "$0")/../.."
DOCKER=${DOCKER-docker}
FILES=${FILES-Dockerfile docker-compose.yml}

# shellcheck disable=SC2013,SC2086  # names of images have no blanks; a list of files
for image in $(grep -hEo '[a-z/]+:[A-Za-z0-9._-]+@sha256:[0-9a-f]{64}' $FILES | sort -u); do
    digest=$("$DOCKER" buildx imagetools inspect "${image%@*}" --format '{{.Manifest.Digest}}')
    case $digest in sha256:*) ;; *) echo "digests.sh: ${image%@*} has no digest: $digest" >&2 && exit 1 ;; esac
    [ "$digest" != "${image#*@}" ] || continue
    echo "${image%@*} is $digest now"
    sed -i "s|$image|${image%@*}@$digest|" $FILES
done
