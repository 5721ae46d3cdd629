package call

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// QuotasToWire is all's wire form.
func QuotasToWire(all []cell.Quota) []*wire.Quota {
	out := make([]*wire.Quota, 0, len(all))
	for _, q := range all {
		out = append(out, &wire.Quota{Name: string(q.Name), Nodes: q.Nodes, Bytes: q.Bytes, UsedNodes: q.UsedNodes,
			UsedBytes: q.UsedBytes})
	}
	return out
}

// QuotasFromWire reads what QuotasToWire made: names rise, and each has a bound.
func QuotasFromWire(all []*wire.Quota) ([]cell.Quota, error) {
	var out []cell.Quota
	for _, w := range all {
		n, err := name(w.Name)
		if err != nil {
			return nil, err
		}
		q := cell.Quota{Name: n, Nodes: w.Nodes, Bytes: w.Bytes, UsedNodes: w.UsedNodes, UsedBytes: w.UsedBytes}
		if min(q.Nodes, q.Bytes, q.UsedNodes, q.UsedBytes) < 0 || q.Nodes+q.Bytes == 0 ||
			len(out) > 0 && out[len(out)-1].Name >= n {
			return nil, fmt.Errorf("%w: the quota of %s", cell.ErrProtocol, n)
		}
		out = append(out, q)
	}
	return out, nil
}
