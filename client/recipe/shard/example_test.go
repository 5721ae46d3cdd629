package shard_test

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe/shard"
	"github.com/leasehold/leasehold/tools/celltest"
)

// A farm of equals: each plans, if need be, and works. The whole story of planners and workers apart,
// with both being killed, is told by go run ./tools/factories.
func ExampleShards_Run() {
	stage := &celltest.Stage{}
	defer stage.End()
	c, err := client.New(client.Config{Endpoints: celltest.Start(stage, 1).Endpoints})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = c.Close() }()
	ctx, leave := context.WithCancel(context.Background())
	farm := shard.Shards{Client: c, Name: "/ls/local/farm", Count: 64}
	var working atomic.Int32
	err = farm.Run(ctx, "host-1", func(ctx context.Context, n int, held cell.Sequencer) error {
		if working.Add(1) == 64 {
			fmt.Println("host-1 works on all 64 shards")
			leave()
		}
		<-ctx.Done() // the shard moves, or its lock was lost: finish, and return
		return nil
	})
	fmt.Println(err)
	// Output:
	// host-1 works on all 64 shards
	// context canceled
}
