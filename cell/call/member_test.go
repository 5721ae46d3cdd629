package call

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
)

func TestZ15_AMemberHasThreeAddressesThatCanBeDialed(t *testing.T) {
	good := cell.Member{ID: 6, Client: "h.example:7401", Peer: "10.0.0.6:7411", HTTP: "[fe80::1]:7421"}
	require.Empty(t, (&Replace{Old: 3, New: good}).Invalid())
	for _, bad := range []string{"", "h", "h:", "h:0", "h:65536", ":7", "a b:7", "a/b:7", "fe80::1:7", "[]:7", "h:x",
		"h:-1"} {
		m := good
		m.Peer = bad
		require.NotEmpty(t, (&Replace{Old: 3, New: m}).Invalid(), bad)
	}
	twice := good
	twice.HTTP = twice.Client
	require.NotEmpty(t, (&Replace{Old: 3, New: twice}).Invalid())
	require.NotEmpty(t, (&Replace{New: good}).Invalid())
	require.NotEmpty(t, (&Replace{Old: 3, New: cell.Member{Client: "h:1", Peer: "h:2", HTTP: "h:3"}}).Invalid())
}
