package recipe

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe/steps"
)

// Value is a typed value in one node, for configuration: read often, written rarely, never stale.
//
// Get is served from the session's consistent cache: no message, as long as nobody writes. Update
// costs one commit if nobody else writes at the same time. A watcher is sent every value.
type Value[T any] struct {
	s    *client.Session
	name string

	Encode func(T) ([]byte, error) // JSON unless set before the first use
	Decode func([]byte) (T, error)
}

// NewValue speaks of the value of type T in the node of that name. It touches no network.
func NewValue[T any](s *client.Session, name string) *Value[T] {
	return &Value[T]{s: s, name: name,
		Encode: func(v T) ([]byte, error) { return json.Marshal(v) },
		Decode: func(b []byte) (v T, err error) { err = json.Unmarshal(b, &v); return v, err },
	}
}

// Get gives the value as of now. ErrNotFound if it was never set.
func (v *Value[T]) Get(ctx context.Context) (t T, err error) {
	f, err := v.s.Read(ctx, v.name)
	if err != nil {
		return t, err
	}
	return v.decode(f.Contents)
}

func (v *Value[T]) decode(b []byte) (T, error) {
	t, err := v.Decode(b)
	if err != nil {
		err = fmt.Errorf("%w: %s holds no %T: %w", cell.ErrUsage, v.name, t, err)
	}
	return t, err
}

// Set makes the value t, whatever it was. The node and its parents are made if they are missing.
func (v *Value[T]) Set(ctx context.Context, t T, o ...client.WriteOption) error {
	b, err := v.Encode(t)
	if err != nil {
		return fmt.Errorf("%w: %w", cell.ErrUsage, err)
	}
	_, err = v.s.Write(ctx, v.name, b, append(o, client.OrCreate(client.Parents()))...)
	return err
}

// Update makes change's answer the value, and gives it. change is given the value as it is, the
// zero T if it was never set, and is called again when somebody else has written meanwhile: no
// update is lost. An error of change ends it, and nothing is written.
func (v *Value[T]) Update(ctx context.Context, change func(T) (T, error)) (T, error) {
	var was, is T
	err := steps.Update(port{ctx, v.s}, v.name, func(b []byte, there bool) (_ []byte, err error) {
		var none T
		if was = none; there {
			if was, err = v.decode(b); err != nil {
				return nil, err
			}
		}
		if is, err = change(was); err != nil {
			return nil, err
		}
		if b, err = v.Encode(is); err != nil {
			err = fmt.Errorf("%w: %w", cell.ErrUsage, err)
		}
		return b, err
	})
	if err != nil {
		return was, err
	}
	return is, nil
}

// Watch tells the value as it is, if it was set, and then every value that it gets; the zero T when
// it is removed. It ends by break, or with a last pair whose error says why.
func (v *Value[T]) Watch(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		for e, err := range v.s.Watch(ctx, v.name) {
			t := none
			switch {
			case err != nil:
			case e.Kind == client.EventCurrent, e.Kind == client.EventCreated, e.Kind == client.EventModified:
				t, err = v.decode(e.Contents)
			case e.Kind != client.EventDeleted:
				continue
			}
			if !yield(t, err) || err != nil {
				return
			}
		}
	}
}
