#!/bin/sh
# Runs mysqld in place: initialises a blank volume, starts the server, starts it again when it ends.
#
# Control files in the run directory (shared with the node-agent):
#   hold            while it exists, mysqld is not started
#   supervisor.pid  this script
#   child.pid       what it waits for; mysqld's from its first moment on (mysqld.pid comes only after crash recovery)
#   exit            code of the last mysqld that ended; above 128 it is 128 + signal
#   start.wanted    mysqld is about to be started after an end that was not in order, or for the first time in this container; the
#                   node-agent renames it to start.claimed, and removes that when mysqld may start
#   agent.pid       the node-agent
#   failure         why mysqld can't be started, for people; of no meaning while mysqld answers
# Markers on the volume, in .pilotfish/ (mysqld ignores names with a dot):
#   initializing    what lies beside it is half made, and nobody's data
#   blank           initialised here, and no data put in yet; the node-agent removes it
# Needs nothing but a POSIX shell, coreutils and sed: any MySQL image has these.
set -u

conf=${PILOTFISH_CONF_DIR:-/etc/mysql}
data=${PILOTFISH_DATA_DIR:-/var/lib/mysql}
run=${PILOTFISH_RUN_DIR:-/var/run/mysqld}
mysqld=${PILOTFISH_MYSQLD:-mysqld}
own=$data/.pilotfish

restart_requested=16 # mysqld asks to be started again: RESTART, and the end of a CLONE
killed=137           # SIGKILL: a fence, or the kernel out of memory
quick_seconds=10     # a mysqld that lived shorter than this failed quickly
longest_delay=10
absent_limit=100     # looks, 50 ms apart, at a node-agent that isn't there before mysqld is started without it

child=
code=0
ending=

log() {
  echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) run-mysqld: $*" >&2
}

fail() {
  log "$*"
  echo "$*" >"$run/failure"
}

# shellcheck disable=SC2317 # called by the trap
end() {
  ending=1
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null
}

# Runs a command so that TERM reaches it at once, and leaves its exit code in $code.
supervise() {
  "$@" &
  child=$!
  echo "$child" >"$run/child.pid"
  [ -z "$ending" ] || kill -TERM "$child" 2>/dev/null
  while :; do
    wait "$child"
    code=$?
    # A trapped signal ends the wait, not the child. A child that ended and was not waited for still answers kill -0.
    kill -0 "$child" 2>/dev/null || break
  done
  child=
}

start_mysqld() {
  MYSQLD_PARENT_PID=$$ # tells mysqld that somebody starts it again
  export MYSQLD_PARENT_PID
  # A killed server leaves these; a reused pid in the lock would keep the next one from starting. Its own child is
  # reaped, and InnoDB locks its files, so that nothing that runs can lose them.
  rm -f "$run/mysqld.sock" "$run/mysqld.sock.lock" "$run/mysqld.pid"
  supervise "$mysqld" --defaults-file="$conf/my.cnf"
  echo "$code" >"$run/exit.new" && mv "$run/exit.new" "$run/exit"
}

agent_runs() {
  kill -0 "$(cat "$run/agent.pid" 2>/dev/null)" 2>/dev/null
}

# The end of the binary log may have to be cut off before mysqld reads it. As long as the agent is at it, its word is waited for (it has
# its own limits); without an agent mysqld starts after 5 s. Who renames the file may act: of script and agent only one can.
await_agent() {
  absent=0
  : >"$run/start.wanted" || return
  while [ -z "$ending" ]; do
    if [ -e "$run/start.claimed" ] && agent_runs; then
      absent=0
    elif [ -e "$run/start.claimed" ] || [ -e "$run/start.wanted" ] || [ -e "$run/start.claimed" ]; then
      absent=$((absent + 1))
    else
      return
    fi
    if [ "$absent" -ge "$absent_limit" ] &&
      { mv "$run/start.wanted" "$run/start.alone" || mv "$run/start.claimed" "$run/start.alone"; } 2>/dev/null; then
      log "no node-agent answers: starting mysqld without it"
      return
    fi
    supervise sleep 0.05
  done
}

has_data() {
  [ -d "$data/mysql" ] && [ ! -e "$own/initializing" ]
}

# Anything but names with a dot and lost+found.
has_files() {
  for entry in "$data"/*; do
    [ "$entry" = "$data/lost+found" ] && continue
    [ -e "$entry" ] || [ -L "$entry" ] && return 0
  done
  return 1
}

remove_half_made() {
  for entry in "$data"/*; do
    [ "$entry" = "$data/lost+found" ] || rm -rf "$entry" || return 1
  done
}

initialize() {
  if [ -e "$own/initializing" ]; then
    log "an initialisation was cut short: doing it again"
    remove_half_made || return 1
  elif has_files; then
    fail "$data has files but no MySQL system tables: it is left alone; empty the volume or restore the tables"
    return 1
  fi
  if ! { mkdir -p "$own" && : >"$own/initializing" && sync; }; then
    fail "can't write to $data"
    return 1
  fi
  # Plugins are not loaded while it initialises, so their options are unknown: all of my.cnf is made optional.
  sed -e 's/^[[:space:]]*\(loose[-_]\)*\([A-Za-z]\)/loose-\2/' "$conf/my.cnf" >"$run/initialize.cnf" || return 1
  supervise "$mysqld" --defaults-file="$run/initialize.cnf" --initialize-insecure
  if [ "$code" -ne 0 ]; then
    [ -n "$ending" ] || fail "mysqld --initialize ended with code $code: see the log of the container mysql"
    return 1
  fi
  : >"$own/blank" && sync && rm -f "$own/initializing" && sync
}

trap end TERM INT
echo $$ >"$run/supervisor.pid"
rm -f "$run/failure"
quick=0
held=
failing=
asked=

while [ -z "$ending" ]; do
  # Before the look for a hold, so that nothing lies between that and the start.
  if [ -z "$asked" ] && has_data; then
    await_agent
    asked=1
  fi
  if [ -e "$run/hold" ]; then
    [ -n "$held" ] || log "held: $(cat "$run/hold")"
    held=1
    supervise sleep 0.2
    continue
  fi
  held=
  began=$(date +%s)
  if ! has_data; then
    # Then from the top: it takes seconds, and a hold may have come.
    initialize && rm -f "$run/failure" && continue
    code=1
    failing=initialize
  else
    [ "$failing" != initialize ] || rm -f "$run/failure"
    log "starting mysqld"
    start_mysqld
    log "mysqld ended with code $code"
    failing=start
    case $code in
      0 | "$restart_requested") ;; # in order: nothing is left to be asked about
      *) asked= ;;
    esac
  fi
  [ -z "$ending" ] || break

  if [ $(($(date +%s) - began)) -lt "$quick_seconds" ]; then quick=$((quick + 1)); else quick=0; fi
  [ "$quick" -gt 0 ] || rm -f "$run/failure"
  case $code in
    0 | "$restart_requested" | "$killed") free=3 ;; # as often as this without a delay
    *) free=0 ;;
  esac
  if [ "$quick" -gt "$free" ]; then
    delay=$((1 << (quick - free - 1 < 4 ? quick - free - 1 : 4)))
    [ "$delay" -le "$longest_delay" ] || delay=$longest_delay
    [ "$failing" != start ] || fail "mysqld ends with code $code soon after its start: the log of the container mysql says why"
    log "failed $quick times in a row: next attempt in $delay s"
    supervise sleep "$delay"
  fi
done

log "ended"
exit 0
