# Steps that ./run and ./test share; to be sourced in the root of the tree.
# Each prints one line that says what is done, and the last words of its log when it fails.

steps=${steps:-6}
step_number=0

step() {  # TEXT
    step_number=$((step_number + 1))
    [ -n "${quiet:-}" ] || echo "[$step_number/$steps] $1"
}

install_packages() {  # [--full]
    step packages
    packaging/install-packages "$@"
}

# Lines "[PERCENT FINISHED/TOTAL] ..." of ninja: one line that is written over on a terminal, else a
# line for every tenth part.
show_percent() {
    tty=
    [ -t 2 ] && tty=1
    awk -v tty="$tty" -v quiet="${quiet:-}" '
        match($0, /^\[ *[0-9]+% [0-9]+\/[0-9]+\]/) && !quiet {
            percent = substr($0, 2) + 0
            if (tty) printf "\r      %3d %%", percent
            else if (int(percent / 10) > int(shown / 10)) printf "      %3d %%\n", percent
            shown = percent
            fflush()
        }
        END { if (tty && shown && !quiet) print "" }' >&2
}

build_preset() {  # PRESET [TARGET...]
    preset=$1
    shift
    step "build ($preset)"
    mkdir -p build
    log=build/$preset.log
    if ! cmake --preset "$preset" >"$log" 2>&1; then
        echo "cmake failed; its last words ($log):" >&2
        tail -n 30 "$log" >&2
        return 1
    fi
    failed=build/$preset.failed
    rm -f "$failed"
    { NINJA_STATUS='[%p %f/%t] ' ninja -C "build/$preset" "$@" 2>&1 || : >"$failed"; } \
        | tee -a "$log" | show_percent
    if [ -e "$failed" ]; then
        rm -f "$failed"
        echo "The build failed ($log):" >&2
        grep -E '(error|FAILED|undefined reference)' "$log" | head -n 20 >&2
        tail -n 20 "$log" >&2
        return 1
    fi
}
