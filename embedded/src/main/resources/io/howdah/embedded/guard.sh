# Runs a PostgreSQL server and ends it when its owner is gone, however the owner went.
# $1: the signal that stops the server then; $2: a directory to remove afterwards, or nothing; the rest: the server.
# Standard input is a pipe from the owner. A line on it is a signal for the server; its end is the end of the owner.
stop=$1 remove=$2
shift 2
exec 3<&0 </dev/null

"$@" 3<&- &
server=$!
echo "howdah-guard: $server"

(
  while read -r signal; do kill -s "$signal" "$server"; done
  trap '' TERM
  for signal in "$stop" QUIT KILL; do
    kill -s "$signal" "$server"
    left=300
    while [ "$left" -gt 0 ] && kill -0 "$server"; do
      sleep 0.1
      left=$((left - 1))
    done
  done
  if [ -n "$remove" ]; then rm -rf -- "$remove"; fi
) <&3 3<&- >/dev/null 2>&1 &
guard=$!
exec 3<&-

wait "$server"
status=$?
kill "$guard" 2>/dev/null
exit "$status"
