package main

import (
	_ "github.com/alecthomas/kong"
	_ "github.com/coreos/go-systemd/v22/daemon"
	_ "github.com/danielgtaylor/huma/v2"
	_ "github.com/danielgtaylor/huma/v2/adapters/humagin"
	_ "github.com/gin-gonic/gin"
	_ "github.com/goburrow/modbus"
	_ "github.com/goburrow/serial"
	_ "github.com/goccy/go-yaml"
	_ "github.com/google/go-cmp/cmp"
	_ "github.com/mattn/go-sqlite3"
	_ "go.bug.st/serial"
	_ "golang.org/x/crypto/argon2"
	_ "golang.org/x/sys/unix"
	_ "golang.org/x/sync/errgroup"
	_ "pgregory.net/rapid"
)

func main() {}
