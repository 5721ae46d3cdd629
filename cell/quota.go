package cell

import (
	"fmt"
	"strings"
)

// Quota bounds a subtree: the node Name, which need not be there, and all below it. It belongs to the
// name, so that deleting the node does not shake it off. Bytes are those of names and contents.
type Quota struct {
	Name                 Name
	Nodes, Bytes         int64 // at most; 0: no bound
	UsedNodes, UsedBytes int64
}

// The keys of quotas, as of settings, are these and the name.
const (
	quotaNodes = "quota_nodes:"
	quotaBytes = "quota_bytes:"
)

// NodesKey is the key with which the bound of nodes is set, and the Limit of the error over it.
func (q Quota) NodesKey() string { return quotaNodes + string(q.Name) }

// BytesKey is the same for bytes.
func (q Quota) BytesKey() string { return quotaBytes + string(q.Name) }

// IsQuotaKey reports whether a key is that of a quota rather than a setting's, and whether it counts
// bytes.
func IsQuotaKey(key string) (is, bytes bool) {
	bytes = strings.HasPrefix(key, quotaBytes)
	return bytes || strings.HasPrefix(key, quotaNodes), bytes
}

// ParseQuotaKey gives the name that a quota's key is about. Errors wrap ErrBadName.
func ParseQuotaKey(key string) (Name, error) {
	_, name, _ := strings.Cut(key, ":")
	return ParseName(name)
}

// With is q with the bound of that key set: 0 for none. Errors wrap ErrUsage.
func (q Quota) With(key string, value int64) (Quota, error) {
	if value < 0 || value > MostBytes {
		return q, fmt.Errorf("%w: %s must lie between 0, for no bound, and %d", ErrUsage, key, int64(MostBytes))
	}
	if _, bytes := IsQuotaKey(key); bytes {
		q.Bytes = value
	} else {
		q.Nodes = value
	}
	return q, nil
}
