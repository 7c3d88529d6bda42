# shellcheck shell=sh
# Part of deploy.sh: several machines over ssh. All build first, the first one migrates, then each is replaced in turn.

on() {
    host=$1 folder=$2
    shift 2
    # shellcheck disable=SC2086  # a program with its options
    run $SSH "$host" "$SUDO env DRY_RUN=$DRY_RUN UNREADY=$UNREADY sh $folder/deploy/deploy.sh $*"
}

send() {
    folder=$BASE/incoming/$2
    # shellcheck disable=SC2086  # a list of names, a program with its options
    tar -C "$SOURCE" --exclude=__pycache__ -cf - $SHIPPED |
        run $SSH "$1" "$SUDO sh -c 'rm -rf $folder && mkdir -p $folder && tar -C $folder --no-same-owner -xf -'"
}

on_all_hosts() {
    case $1 in
        --back) back_on "$HOSTS" ;;
        update) update_all_hosts "$2" ;;
        *) fail "usage: HOSTS=… deploy.sh [--dry-run] VERSION | --back" ;;
    esac
}

back_on() {
    outcome=0
    for each in $1; do
        on "$each" "$BASE/current" --back && continue
        outcome=1
        say "$each did not go back: see above" >&2
    done
    return "$outcome"
}

update_all_hosts() {
    incoming=$BASE/incoming/$1 replaced=""
    for each in $HOSTS; do
        say "== $each: building"
        { send "$each" "$1" && on "$each" "$incoming" prepare "$1"; } ||
            fail "$each: $1 could not be prepared: see above. On all machines what runs goes on."
    done
    first=${HOSTS%% *}
    on "$first" "$incoming" migrate "$1" || fail "$first did not migrate: see above. On all machines what runs goes on."
    for each in $HOSTS; do
        say "== $each: replacing"
        on "$each" "$incoming" switch "$1" || give_up "$each" "$1"
        replaced="$each $replaced"
    done
}

# The machine at fault has gone back by itself; those before it follow.
give_up() {
    back_on "$replaced" || fail "$1 does not run $2, and not all others run the former release: see above."
    fail "$1 does not run $2: see above. All machines run the former release."
}
