package replica

import (
	"bytes"

	"github.com/leasehold/leasehold/replica/tree"
)

// proposed are a master's transactions on their way through the log, in order, as its gate has decoded
// them: nothing needs to be decoded a second time to be applied.
type proposed []decoded

// decoded is a payload and what it says.
type decoded struct {
	payload []byte
	txn     tree.Txn
}

func (p *proposed) add(payload []byte, txn tree.Txn) { *p = append(*p, decoded{payload, txn}) }

// take gives what these very bytes say, if they are the next that was proposed. That they are the same
// is seen at once, for they are seldom another copy.
func (p *proposed) take(payload []byte) (tree.Txn, bool) {
	if len(*p) == 0 || !bytes.Equal((*p)[0].payload, payload) {
		return tree.Txn{}, false
	}
	next := (*p)[0].txn
	(*p)[0] = decoded{}
	*p = (*p)[1:]
	return next, true
}
