package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/tools/factories/agent"
)

// accounts are divided up among the agents.
const accounts = 12

// What tells a process its part; a process without one tells the story.
const (
	partIn = "FACTORIES_PART" // factory/1, agent/3
	cellIn = "FACTORIES_CELL"
	nameIn = "FACTORIES_NAME"
)

func main() {
	if part := os.Getenv(partIn); part != "" {
		play(part)
		return
	}
	endpoints := flag.String("endpoints", "127.0.0.1:7401,127.0.0.1:7402,127.0.0.1:7403,127.0.0.1:7404,127.0.0.1:7405",
		"where the cell is")
	name := flag.String("name", fmt.Sprintf("/ls/local/farm-%d", os.Getpid()), "below what the farm is")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := tell(ctx, strings.Split(*endpoints, ","), *name, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "factories:", err)
		stop()
		os.Exit(1)
	}
}

// play is what a process with a part does until it is told to end: it says on its standard output what
// it sees and does.
func play(part string) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() { // whoever tells the story has gone
		_, _ = os.Stdin.Read(make([]byte, 1))
		os.Exit(1)
	}()
	err := act(ctx, part)
	if err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, part+":", err)
		os.Exit(1)
	}
}

func act(ctx context.Context, part string) error {
	c, err := client.New(client.Config{Endpoints: strings.Split(os.Getenv(cellIn), ","), Identity: part})
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	farm := agent.Farm(c, os.Getenv(nameIn), accounts)
	if strings.HasPrefix(part, "factory/") {
		return agent.Factory(ctx, farm, part)
	}
	return agent.Agent{Farm: farm, Name: strings.ReplaceAll(part, "/", "-"),
		Sees: func(factory string) { fmt.Println("sees", "factory:"+factory) },
		Do: func(account int, held cell.Sequencer, factory string) {
			time.Sleep(100 * time.Millisecond) // this is the work
			fmt.Println("did", account, held.Token(), factory)
		}}.Run(ctx)
}
