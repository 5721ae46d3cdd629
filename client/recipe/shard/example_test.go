package shard_test

import (
	"context"
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe/shard"
)

// A farm of equals: each plans, if need be, and works. The whole story of planners and workers apart,
// with both being killed, is told by go run ./tools/factories.
func ExampleShards_Run() {
	c, err := client.New(client.Config{}) // 127.0.0.1:7401–7405
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = c.Close() }()
	farm := shard.Shards{Client: c, Name: "/ls/local/farm", Count: 64}
	err = farm.Run(context.Background(), "host-1",
		func(ctx context.Context, n int, held cell.Sequencer) error {
			fmt.Println("working on shard", n, "with token", held.Token())
			<-ctx.Done() // it moves, or was lost: finish, and return
			return nil
		})
	fmt.Println(err)
}
