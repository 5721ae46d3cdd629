package tree

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// hot are the transactions that are written and read without the protobuf runtime.
func hot() []Txn {
	of := func(op Op, names ...cell.Name) Txn {
		return Txn{Time: 1 << 60, Names: names, Session: cell.SessionID(cell.MakeZxid(1, 2)), Call: 300, Acked: 299,
			Principal: "anonymous", Op: op}
	}
	return []Txn{
		of(&call.Write{Name: "/ls/local/a", Contents: make([]byte, 1024)}, "/ls/local/a"),
		of(&call.Write{Name: "/ls/local/a/b", OrCreate: true, Parents: true, IfGeneration: &gen, IfHeld: &proof},
			"/ls/local", "/ls/local/a", "/ls/local/a/b"),
		of(&call.Acquire{Name: "/ls/local/a", Mode: cell.Shared, Wait: true, Delay: -1, Margin: 3}),
		of(&call.Release{Name: "/ls/local/a", Hold: 7}),
	}
}

func TestZ16_TheShortWayWritesAndReadsTheSameBytes(t *testing.T) {
	for _, tx := range hot() {
		fast := encodeDirect(&tx)
		require.NotNil(t, fast, "%T goes the slow way", tx.Op)
		require.Equal(t, encodeSlowly(tx), fast)
		back, ok := decodeDirect(fast)
		require.True(t, ok)
		require.Equal(t, tx, back)
	}
	for _, tx := range append(every(), hot()...) { // a field forgotten here would be lost from the log
		v := reflect.ValueOf(&tx).Elem()
		for i := range v.NumField() {
			old := v.Field(i).Interface()
			v.Field(i).SetZero()
			if tx.Op != nil {
				require.Equal(t, encodeSlowly(tx), Encode(tx))
			}
			v.Field(i).Set(reflect.ValueOf(&old).Elem().Elem())
		}
	}
}

// Z17: two replicas that read the same bytes must come to the same, whichever way each goes.
func FuzzZ17_BothWaysReadTheSameTransaction(f *testing.F) {
	for _, tx := range append(every(), hot()...) {
		f.Add(Encode(tx))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		fast, ok := decodeDirect(payload)
		if !ok {
			return
		}
		slow, bad, err := decodeSlowly(payload)
		require.NoError(t, err)
		require.NoError(t, bad)
		require.Equal(t, slow, fast)
	})
}
