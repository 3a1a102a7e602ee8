// FerretDB as a program of Provost's own: MongoDB's wire protocol on top of a PostgreSQL that has the DocumentDB
// extension. FerretDB's own command cannot be installed from a module proxy, its embedding API can.
package main

import (
	"context"
	"flag"
	"io"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/v2/ferretdb"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:27017", "address for MongoDB's wire protocol")
	postgres := flag.String("postgres", "", "URL of the PostgreSQL that holds the data")
	state := flag.String("state", ".", "folder for FerretDB's own small state file")
	flag.Parse()

	telemetry := false
	db, err := ferretdb.New(&ferretdb.Config{
		PostgreSQLURL: *postgres,
		ListenAddr:    *listen,
		StateDir:      *state,
		LogLevel:      slog.LevelWarn,
		LogOutput:     os.Stderr,
		Telemetry:     &telemetry,
	})
	if err != nil {
		log.Fatal(err)
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		// The starter holds the other end of this pipe: when it is gone, however it ended, so are we.
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	db.Run(ctx)
}
