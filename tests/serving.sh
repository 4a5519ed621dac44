# For scripts that want build/serve to run (. tests/serving.sh): serving ARGUMENTS... starts it on a port of its own, with
# what it says in $dir/log; then $server is its process and $url where it is. It ends with the script.
serving() {
    build/serve "$@" --port 0 2> $dir/log &
    server=$! url= waited=0
    trap 'kill $server 2> /dev/null' EXIT
    while [ $waited -lt 300 ] && kill -0 $server 2> /dev/null; do      # 30 s: a machine may be busy
        url=$(sed -n 's/^serve: \(http:[^ ]*\) .*/\1/p' $dir/log)
        [ -z "$url" ] || return 0
        sleep 0.1; waited=$((waited + 1))
    done
    echo "FAILED: build/serve does not start"; cat $dir/log
    exit 1
}
# Asks it to end: what it ends with.
served() { kill -INT $server; wait $server; set -- $?; trap - EXIT; return $1; }
