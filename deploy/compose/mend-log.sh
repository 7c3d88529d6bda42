#!/bin/sh
# Starts a store after it has made its append-only log whole.
#
#   mend-log.sh redis-server FILE [more options of redis-server]
#
# A power cut can end the log inside a transaction (MULTI … EXEC), and every bid is one. A server with aof-load-truncated
# yes keeps the beginning of that transaction, appends to it, and carries it out at its next start: half a bid. This
# script removes the beginning, which nobody was answered for, and keeps it beside the log (NAME.torn-at-BYTE).
#
# A log that is damaged anywhere else stays as it is: the script says what to do and ends with 1.
# The server holds a lock on its data folder, so that a second start never changes the log of a running server.
set -eu
# Paths are never split; patterns of include are expanded.
IFS=

say() {
    printf 'mend-log.sh: %s\n' "$@" >&2
}

# Takes over a setting that says where the log is.
take() {
    value=${2#[\"\']}
    value=${value%[\"\']}
    case $1 in
        dir) folder=$value ;;
        appenddirname) log_folder=$value ;;
        appendfilename) log_name=$value ;;
        include) for each in $value; do [ ! -r "$each" ] || read_settings "$each"; done ;;
    esac
}

read_settings() {
    while IFS=" $(printf '\t\r')" read -r name value || [ -n "$name" ]; do
        take "$name" "$value"
    done <"$1"
}

# Runs the checker that belongs to the server: a program beside it, or the server itself under the checker's name.
check() {
    checker=${program%-server}-check-aof
    if command -v "$checker" >/dev/null; then
        "$checker" "$@" 2>&1
        return
    fi
    names=$(mktemp -d)
    ln -s "$(command -v "$program")" "$names/redis-check-aof"
    status=0
    "$names/redis-check-aof" "$@" 2>&1 || status=$?
    rm -r "$names"
    return "$status"
}

# Whether the end of a log, from standard input, is one unfinished transaction or one unfinished command. It must hold no
# EXEC, no second MULTI and no command before MULTI. The row added behind it shows whether its last row is whole.
is_torn() {
    { tr '\000' ' ' && echo "(end)"; } | LC_ALL=C awk '
        { sub(/\r$/, "") }
        /\*[0-9]+$/ { commands++ }
        before ~ /\*1$/ && previous == "$5" && $0 == "MULTI" { transactions++; late += commands > 1 }
        before ~ /\*1$/ && previous == "$4" && $0 == "EXEC" { ended++ }
        { before = previous; previous = $0 }
        END { exit !(!ended && !late && transactions <= 1 && (transactions || commands <= 1)) }
    '
}

give_up() {
    printf '%s\n' "$report" >&2
    say "the log $log is damaged, and not only at its end. Nothing was changed, and the store does not start." \
        "First copy the folder $folder/$log_folder to another disk, and keep the database and the witnesses." \
        "If this store is one of a pair, and the sentinels name the other one as the primary, move the folder away and" \
        "start this store again: it copies everything from there. Otherwise run" \
        "  ${program%-server}-check-aof --fix $log" \
        "It removes everything behind the damage, answered bids too; CashTicket puts back those that the database and the" \
        "witnesses have. See docs/operations.md, 'The live store does not start'."
    exit 1
}

# Removes the torn end of the log's last file.
mend() {
    whole=$(printf '%s\n' "$report" | sed -n 's/^AOF analyzed: .*, ok_up_to=\([0-9]*\), .*/\1/p')
    size=$(wc -c <"$log")
    { [ -n "$whole" ] && [ "$whole" -lt "$size" ]; } || give_up
    tail -c "+$((whole + 1))" "$log" | is_torn || give_up
    say "$log ends inside a transaction or a command, as after a power cut." \
        "The $((size - whole)) bytes behind byte $whole are removed; they are kept in $log.torn-at-$whole."
    tail -c "+$((whole + 1))" "$log" >"$log.torn-at-$whole" || say "They could not be kept there."
    echo y | check --fix "$log" >/dev/null || give_up
    report=$(check "$log") || give_up
}

folder=. log_folder=appendonlydir log_name=appendonly.aof
program=$1
shift
case ${1:-} in
    "" | -*) ;;
    *) [ ! -r "$1" ] || read_settings "$1" ;;
esac
option=""
for argument in "$@"; do
    take "${option#--}" "$argument"
    option=$argument
done

# The server inherits the open folder, and with it the lock.
exec 9<"$folder"
if command -v flock >/dev/null && ! flock -w 20 9; then
    say "another store runs in $folder, so this one does not start. Give each store a folder (dir) of its own."
    exit 1
fi
# Only the last file of a log can be torn. The server reads the others whole, or does not start.
manifest=$folder/$log_folder/$log_name.manifest
if [ -f "$manifest" ]; then
    log=$(sed -n 's/^file "\{0,1\}\(.*\) seq [0-9]* type i.*/\1/p' "$manifest" | tail -n 1)
    log=$folder/$log_folder/${log%\"}
    if [ -f "$log" ]; then
        report=$(check "$log") || mend
    fi
fi
exec "$program" "$@"
