package recipe

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
)

// agree makes all who meet at a node speak of the same number, which stands in its contents: the
// first writes it. ErrConflict for who means another.
func agree(ctx context.Context, s *client.Session, name string, n int) error {
	if n < 1 {
		return fmt.Errorf("%w: %d at %s", cell.ErrUsage, n, name)
	}
	for {
		f, err := s.Read(ctx, name)
		switch {
		case err == nil && string(f.Contents) == strconv.Itoa(n):
			return nil
		case err == nil:
			return fmt.Errorf("%w: %s is for %q, not for %d", cell.ErrConflict, name, f.Contents, n)
		case !errors.Is(err, cell.ErrNotFound):
			return err
		}
		if _, err := s.Create(ctx, name, []byte(strconv.Itoa(n)), client.Parents()); err != nil &&
			!errors.Is(err, cell.ErrExists) {
			return err
		}
	}
}
