#!/usr/bin/env bash
# Everything that has to pass. Each part has a budget in seconds on two cores with compiled tests; a part over its
# budget fails, so that the tests stay fast enough to be run.
set -eu
cd "$(dirname "$0")/.."
table=""
failed=""

# part NAME BUDGET COMMAND...   A budget of 0 is for preparation: it is timed, not judged.
part() {
	local name=$1 budget=$2 start=$SECONDS verdict=ok
	shift 2
	echo "== $name"
	"$@" || { verdict=FAILED; failed="$failed $name"; }
	local took=$((SECONDS - start))
	if [ "$budget" -gt 0 ] && [ "$took" -gt "$budget" ]; then
		verdict="OVER BUDGET"
		failed="$failed $name"
	fi
	table+=$(printf '%-12s %4d s of %4d s  %s' "$name" "$took" "$budget" "$verdict")$'\n'
}

# What tests build themselves is the program as it is installed.
# Vet is part of lint. Without debug information a test is linked in half the time; stack traces have their lines anyway.
go_test() { PROGRAM_CFLAGS=$CGO_CFLAGS CGO_CFLAGS=$RACE_CFLAGS go test -race -vet=off -ldflags='-s -w' -timeout 300s "$@"; }
unit_packages() {
	go list ./... | grep -vE '/((mqtt/(broker|client|inflight)|drivers|bridge|cmd)(/|$)|storage(/queue|/storagetest|/archive)?$)'
}
# The program's tests by name: quick ones belong to unit, faults of disks and backups have parts of their own, all others
# are product.
quick='Imports|Package|Foreign|Command|Flags|Config'
disks='Disks'
backup='Backup|Restore'
# The archive's tests compute scrypt, which the race detector makes ten times slower; nothing in it runs side by side.
unit() { go_test $(unit_packages) && go test ./storage/archive && go_test -run "$quick" ./cmd/tidegate; }
# The broker's tests wait more than they work.
broker() {
	(cd mqtt/mqtttest/peers && GOFLAGS="-mod=mod -trimpath" go_test .) &
	go_test -parallel 8 ./mqtt/broker ./mqtt/client ./mqtt/inflight && wait $!
}
# Kills and power cuts: of the program, and of a database alone. Both are built so that they stop at named points.
faultpoints=-tags=nomsgpack,sqlite_omit_load_extension,faultpoints
faults() { go_test ./cmd/tidegate/faults && go_test "$faultpoints" -run PowerCut ./storage; }
compile_tools() {
	GOFLAGS="-mod=mod -trimpath" go tool -modfile=.tools/go.mod staticcheck -version >/dev/null &&
	GOFLAGS="-mod=mod -trimpath" go tool -modfile=.tools/go.mod gofumpt -version >/dev/null
}
# As go test does it, but without linking, whose results nothing keeps.
compile_tests() {
	export CGO_CFLAGS=$RACE_CFLAGS
	go list -race -export -test ./... >/dev/null &&
	go list -race -export -test "$faultpoints" ./storage ./cmd/tidegate/faults >/dev/null &&
	(cd mqtt/mqtttest/peers && GOFLAGS="-mod=mod -trimpath" go list -race -export -test . >/dev/null)
}
# What is built, with what vet and staticcheck look at, and the program that stops at named points.
compile_program() {
	make --no-print-directory build &&
	go list -export -test ./... >/dev/null &&
	go list -export -deps "$faultpoints" ./cmd/tidegate >/dev/null
}
# SQLite is one large file, which one core compiles for a minute: the other one has the tools and the page meanwhile. The
# peers are installed at the same time, unless the compiler is among them.
prepare() {
	local jobs=() job
	command -v cc >/dev/null || make --no-print-directory prerequisites
	for job in "make --no-print-directory prerequisites" compile_tests compile_tools compile_program; do
		$job &
		jobs+=($!)
	done
	for job in "${jobs[@]}"; do wait "$job" || return 1; done
	analyse_dependencies
}
# Vet and staticcheck look at all dependencies once and remember what they found; what they say of ours is for lint.
analyse_dependencies() {
	go vet ./cmd/tidegate >/dev/null 2>&1 &
	GOFLAGS="-mod=mod -trimpath" go tool -modfile=.tools/go.mod staticcheck -tags=nomsgpack,sqlite_omit_load_extension ./cmd/tidegate >/dev/null 2>&1 || true
	wait
}
front_end() { cd web/ui && npm run --silent lint && npm run --silent api:check && npm test --silent; }
# Those that are tagged as long ones run in make e2e and make soak.
browser() { cd web/ui && npx playwright test --reporter=line --grep-invert @long; }

part prepare 0 prepare
if [ -n "$failed" ]; then exit 1; fi
part lint 60 make --no-print-directory vet
part unit 150 unit
part "front end" 40 bash -c "$(declare -f front_end); front_end"
part broker 40 broker
part storage 60 go_test -parallel 4 ./storage ./storage/queue ./storage/storagetest
part drivers 50 go_test -parallel 3 ./drivers/...
# The bridge's tests wait for links.
part bridge 40 go_test -parallel 4 ./bridge/...
part product 60 go_test -skip "$quick|$disks|$backup" ./cmd/tidegate
part backup 60 go_test -run "$backup" -skip "$quick|$disks" ./cmd/tidegate
part disks 60 go_test -run "$disks" ./cmd/tidegate
part faults 60 faults
part browser 120 bash -c "$(declare -f browser); browser"
part packages 60 make --no-print-directory deb

printf '\n%s' "$table"
if [ -n "$failed" ]; then
	echo "failed:$failed"
	exit 1
fi
echo "all parts passed in $SECONDS s"
