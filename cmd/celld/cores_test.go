package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cmd/celld/config"
)

func TestReplicasOfOneHostShareItsCores(t *testing.T) {
	all, err := config.OneHost("127.0.0.1:7400", 5)
	require.NoError(t, err)
	for cores, share := range map[int]int{1: 1, 2: 1, 9: 1, 10: 2, 64: 12} {
		require.Equal(t, share, coresOf(cores, together(all, all[2])), "%d cores", cores)
	}
	apart, err := config.Hosts([]string{"a", "b", "[::1]", "a", "c"})
	require.NoError(t, err)
	require.Equal(t, 8, coresOf(8, together(apart, apart[1])), "alone on its host")
	require.Equal(t, 8, coresOf(8, together(apart, apart[2])), "alone on its host")
	require.Equal(t, 4, coresOf(8, together(apart, apart[3])), "two on one host")
}
