package host

import (
	"context"
	"errors"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica"
)

// away tells the replica why another could not be reached, in a word where one says it.
func (p *peers) away(id cell.ReplicaID, err error) {
	why := err.Error()
	switch {
	case errors.Is(err, context.DeadlineExceeded) || strings.Contains(why, "i/o timeout"):
		why = "timeout"
	case strings.Contains(why, "connection refused"):
		why = "refused"
	}
	p.host.inbox.put(replica.Away{ID: id, Why: why})
}
