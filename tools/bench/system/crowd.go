package system

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/tools/bench/proc"
)

const (
	crowdReady  = "the crowd is there"
	crowdAtOnce = 128
)

// Crowd starts this program anew as a process that holds n sessions, and waits for the last.
func (l *Leasehold) Crowd(ctx context.Context, n int) (*proc.Proc, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := proc.Start("crowd", l.dir, nil, self, "-crowd", strconv.Itoa(n),
		"-endpoints", strings.Join(l.endpoints, ","))
	if err != nil {
		return nil, err
	}
	patience := readyPatience + time.Duration(n)*20*time.Millisecond
	err = awaitFor(ctx, patience, "a crowd of sessions", func(context.Context) error {
		said, err := os.ReadFile(p.Log)
		if err == nil && !strings.Contains(string(said), crowdReady) {
			err = fmt.Errorf("not yet: %q", said[max(0, len(said)-200):])
		}
		return err
	})
	if err != nil {
		p.Kill()
		return nil, err
	}
	return p, nil
}

// Hold opens n sessions, says that they are there, and keeps them until ctx ends.
func Hold(ctx context.Context, endpoints []string, n int) error {
	wrong, slots := make(chan error, n), make(chan bool, crowdAtOnce)
	for range n {
		slots <- true
		go func() {
			wrong <- holdOne(ctx, endpoints)
			<-slots
		}()
	}
	for range n {
		if err := <-wrong; err != nil {
			return err
		}
	}
	fmt.Println(crowdReady)
	<-ctx.Done()
	return nil
}

func holdOne(ctx context.Context, endpoints []string) error {
	c, err := client.New(client.Config{Endpoints: endpoints})
	if err != nil {
		return err
	}
	_, err = c.NewSession(ctx)
	return err
}

// Sessions asks the cell.
func (l *Leasehold) Sessions(ctx context.Context) (int, error) {
	status, err := l.asker.Status(ctx)
	if err != nil {
		return 0, err
	}
	if status.Sessions < 0 {
		return 0, errors.New("no master")
	}
	return status.Sessions, nil
}

// Snapshotting looks for snapshots that have no name yet.
func (l *Leasehold) Snapshotting() bool {
	found, err := filepath.Glob(l.dir + "/data-*/snapshots/*.tmp")
	return err == nil && len(found) > 0
}
