package client

import (
	"context"
	"iter"
	"time"

	"github.com/leasehold/leasehold/cell"
)

type Session struct{}

func (s *Session) ID() cell.SessionID                         { return 0 }
func (s *Session) Context() context.Context                   { return nil }
func (s *Session) State() State                               { return Closed }
func (s *Session) States(ctx context.Context) iter.Seq[State] { return nil }
func (s *Session) Close(ctx context.Context) error            { return nil }
func (s *Session) Read(ctx context.Context, name string, o ...ReadOption) (File, error) {
	return File{}, nil
}
func (s *Session) Stat(ctx context.Context, name string, o ...ReadOption) (cell.Stat, error) {
	return cell.Stat{}, nil
}
func (s *Session) List(ctx context.Context, name string, o ...ReadOption) ([]cell.Stat, error) {
	return nil, nil
}
func (s *Session) Create(ctx context.Context, name string, data []byte, o ...CreateOption) (cell.Stat, error) {
	return cell.Stat{}, nil
}
func (s *Session) Write(ctx context.Context, name string, data []byte, o ...WriteOption) (cell.Stat, error) {
	return cell.Stat{}, nil
}
func (s *Session) Delete(ctx context.Context, name string, o ...WriteOption) error { return nil }
func (s *Session) Watch(ctx context.Context, name string, o ...WatchOption) iter.Seq2[Event, error] {
	return nil
}
func (s *Session) Open(ctx context.Context, name string, o ...OpenOption) (*Handle, error) {
	return nil, nil
}
func (s *Session) Lock(ctx context.Context, name string, o ...LockOption) (*Hold, error) {
	return nil, nil
}
func (s *Session) TryLock(ctx context.Context, name string, o ...LockOption) (*Hold, error) {
	return nil, nil
}
func (s *Session) WithLock(ctx context.Context, name string, fn func(ctx context.Context, held cell.Sequencer) error, o ...LockOption) error {
	return nil
}

type Handle struct{}

func (h *Handle) Read(ctx context.Context, o ...ReadOption) (File, error) { return File{}, nil }
func (h *Handle) Stat(ctx context.Context, o ...ReadOption) (cell.Stat, error) {
	return cell.Stat{}, nil
}
func (h *Handle) List(ctx context.Context, o ...ReadOption) ([]cell.Stat, error) { return nil, nil }
func (h *Handle) Write(ctx context.Context, data []byte, o ...WriteOption) (cell.Stat, error) {
	return cell.Stat{}, nil
}
func (h *Handle) Delete(ctx context.Context, o ...WriteOption) error          { return nil }
func (h *Handle) Lock(ctx context.Context, o ...LockOption) (*Hold, error)    { return nil, nil }
func (h *Handle) TryLock(ctx context.Context, o ...LockOption) (*Hold, error) { return nil, nil }
func (h *Handle) Close() error                                                { return nil }

type Hold struct{}

func (k *Hold) Context() context.Context { return nil }
func (k *Hold) Deadline() time.Time      { return time.Time{} }
func (k *Hold) Bind(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithCancel(ctx)
}
func (k *Hold) Sequencer() cell.Sequencer        { return cell.Sequencer{} }
func (k *Hold) Unlock(ctx context.Context) error { return nil }
