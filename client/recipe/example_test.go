package recipe_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"sync"
	"testing"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe"
	"github.com/leasehold/leasehold/tools/celltest"
)

// The examples share a cell.
var (
	examples    = &celltest.Stage{}
	exampleCell = sync.OnceValue(func() *celltest.Cell { return celltest.Start(examples, 1) })
)

func TestMain(m *testing.M) {
	code := m.Run()
	examples.End()
	os.Exit(code)
}

func exampleClient() *client.Client {
	c, err := client.New(client.Config{Endpoints: exampleCell().Endpoints})
	if err != nil {
		log.Panicln(err)
	}
	examples.Cleanup(func() { _ = c.Close() })
	return c
}

func exampleSession() *client.Session {
	s, err := exampleClient().NewSession(context.Background())
	if err != nil {
		log.Panicln(err)
	}
	return s
}

func must(err error) {
	if err != nil {
		log.Panicln(err)
	}
}

func ExampleElect() {
	c := exampleClient()
	err := recipe.Elect(context.Background(), c, "/ls/local/app/leader", []byte("10.0.0.7:80"),
		func(ctx context.Context, held cell.Sequencer) error {
			fmt.Println("leading", held.Name)
			return nil // or, for ever, until ctx ends
		})
	fmt.Println(err)
	// Output:
	// leading /ls/local/app/leader
	// <nil>
}

func ExampleObserve() {
	c := exampleClient()
	ctx, resign := context.WithCancel(context.Background())
	defer resign()
	go func() {
		_ = recipe.Elect(ctx, c, "/ls/local/db/primary", []byte("db-1"), func(ctx context.Context, _ cell.Sequencer) error {
			<-ctx.Done()
			return nil
		})
	}()
	led := false
	for leader, err := range recipe.Observe(context.Background(), c, "/ls/local/db/primary") {
		must(err)
		switch {
		case !leader.None():
			fmt.Printf("%s leads\n", leader.Value)
			led = true
			resign()
		case led:
			fmt.Println("nobody leads")
			return
		}
	}
	// Output:
	// db-1 leads
	// nobody leads
}

func ExampleSemaphore_Acquire() {
	ctx, s := context.Background(), exampleSession()
	permit, err := recipe.NewSemaphore(s, "/ls/local/downloads", 3).Acquire(ctx)
	must(err)
	fmt.Println("one of three:", permit.Context().Err() == nil)
	must(permit.Release(ctx))
	fmt.Println("given back:", permit.Context().Err())
	// Output:
	// one of three: true
	// given back: context canceled
}

func ExampleBarrier_Wait() {
	var all sync.WaitGroup
	for range 3 {
		s := exampleSession()
		all.Go(func() {
			must(recipe.NewBarrier(s, "/ls/local/start", 3).Wait(context.Background()))
			fmt.Println("off we go")
		})
	}
	all.Wait()
	// Output:
	// off we go
	// off we go
	// off we go
}

func ExampleDoubleBarrier() {
	var all sync.WaitGroup
	for range 2 {
		b := recipe.NewDoubleBarrier(exampleSession(), "/ls/local/step", 2)
		all.Go(func() {
			for range 2 {
				must(b.Enter(context.Background())) // all begin together
				fmt.Println("round", b.Round())
				must(b.Leave(context.Background())) // and end together
			}
		})
	}
	all.Wait()
	// Output:
	// round 1
	// round 1
	// round 2
	// round 2
}

func ExampleQueue_Take() {
	ctx, s := context.Background(), exampleSession()
	q := recipe.NewQueue(s, "/ls/local/mails")
	for _, mail := range []string{"first", "second"} {
		_, err := q.Put(ctx, []byte(mail))
		must(err)
	}
	for claim, err := range q.Take(ctx) {
		must(err)
		fmt.Printf("%s\n", claim.Contents) // within claim.Context(): nobody else has it
		must(claim.Ack(ctx))
		if string(claim.Contents) == "second" {
			break
		}
	}
	// Output:
	// first
	// second
}

func ExamplePriorityQueue() {
	ctx, s := context.Background(), exampleSession()
	q := recipe.NewPriorityQueue(s, "/ls/local/jobs")
	_, err := q.Put(ctx, 20, []byte("later"))
	must(err)
	_, err = q.Put(ctx, 10, []byte("sooner"))
	must(err)
	for claim, err := range q.Take(ctx) {
		must(err)
		fmt.Printf("%d %s\n", claim.Priority, claim.Contents)
		must(claim.Ack(ctx))
		if claim.Priority == 20 {
			break
		}
	}
	// Output:
	// 10 sooner
	// 20 later
}

func ExampleTasks() {
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	defer all.Wait()
	defer stop()
	assigner := recipe.NewTasks(exampleSession(), "/ls/local/work")
	worker := recipe.NewTasks(exampleSession(), "/ls/local/work")
	all.Go(func() { _ = assigner.Assign(ctx, recipe.LeastLoaded) })
	all.Go(func() {
		_ = worker.Work(ctx, "worker-1", func(_ context.Context, task recipe.Task) error {
			fmt.Printf("working on %s\n", task.Contents)
			return nil
		})
	})
	submitter := recipe.NewTasks(exampleSession(), "/ls/local/work")
	name, err := submitter.Submit(ctx, []byte("report 2026-11"))
	must(err)
	must(submitter.Finished(ctx, name))
	fmt.Println("finished")
	// Output:
	// working on report 2026-11
	// finished
}

func ExampleMembers_Watch() {
	ctx := context.Background()
	workers := recipe.NewMembers(exampleSession(), "/ls/local/workers")
	m, err := workers.Join(ctx, "worker-1", []byte("10.0.0.1"))
	must(err)
	for change, err := range recipe.NewMembers(exampleSession(), "/ls/local/workers").Watch(ctx) {
		must(err)
		for _, w := range change.Joined {
			fmt.Printf("%s at %s joined\n", w.ID, w.Data)
			must(m.Leave(ctx)) // to die does it too
		}
		for _, w := range change.Left {
			fmt.Println(w.ID, "left; members:", len(change.All))
			return
		}
	}
	// Output:
	// worker-1 at 10.0.0.1 joined
	// worker-1 left; members: 0
}

func ExampleValue() {
	type limits struct{ Requests, Burst int }
	ctx := context.Background()
	v := recipe.NewValue[limits](exampleSession(), "/ls/local/app/limits")
	_, err := v.Update(ctx, func(l limits) (limits, error) {
		l.Requests += 100
		return l, nil
	})
	must(err)
	l, err := v.Get(ctx) // from the cache, and never stale
	fmt.Println(l.Requests, err)
	// Output:
	// 100 <nil>
}

func ExampleNaming() {
	ctx := context.Background()
	names := recipe.NewNaming(exampleSession(), "/ls/local/naming")
	first, err := names.ID(ctx, 10) // ten at a time
	must(err)
	second, err := names.ID(ctx, 10)
	must(err)
	_, err = names.Register(ctx, "mail", "a", []byte("10.0.0.1:25"))
	must(err)
	servers, err := names.Lookup(ctx, "mail")
	must(err)
	fmt.Printf("%d %d %s\n", first, second, servers[0].Data)
	// Output:
	// 1 2 10.0.0.1:25
}

func ExampleSequentialLock() {
	ctx := context.Background()
	h, err := recipe.NewSequentialLock(exampleSession(), "/ls/local/ported").Lock(ctx)
	must(err)
	fmt.Println("held:", h.Context().Err() == nil)
	must(h.Unlock(ctx))
	// Output:
	// held: true
}
