package call

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// QuotaToWire is q's wire form.
func QuotaToWire(q cell.Quota) *wire.Quota {
	return &wire.Quota{Name: string(q.Name), Nodes: q.Nodes, Bytes: q.Bytes, UsedNodes: q.UsedNodes,
		UsedBytes: q.UsedBytes}
}

// QuotasFromWire reads what QuotaToWire made: names rise, and each has a bound.
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
