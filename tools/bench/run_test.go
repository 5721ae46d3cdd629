package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/tools/bench/workload"
)

func TestTurnsAlternate(t *testing.T) {
	require.Equal(t, []turn{{1, 0}, {1, 1}, {1, 2}, {2, 0}, {2, 1}, {2, 2}}, turns(3, 2))
}

func TestChooseKeepsTheOrderAsked(t *testing.T) {
	chosen, err := settings{systems: "etcd, floor,leasehold"}.choose()
	require.NoError(t, err)
	var names []string
	for _, s := range chosen {
		names = append(names, s.Name())
	}
	require.Equal(t, []string{"etcd", "floor", "leasehold"}, names)
	_, err = settings{systems: "consul"}.choose()
	require.ErrorContains(t, err, `"consul"`)
}

func TestSelectByWorkload(t *testing.T) {
	light, err := workload.Select(workload.All(), []string{"write", "load"})
	require.NoError(t, err)
	require.Len(t, light, 5)
	heavy, err := workload.Select(workload.Heavy(), []string{"write", "load"})
	require.NoError(t, err)
	require.Len(t, heavy, 1)
	_, err = workload.Select(workload.All(), []string{"wirte"})
	require.ErrorContains(t, err, "wirte")
	seen := map[string]bool{}
	for _, c := range append(workload.All(), workload.Heavy()...) {
		require.False(t, seen[c.Name], "two cases are called %q: their medians would mix", c.Name)
		seen[c.Name] = true
	}
}

func TestThePicturesAreBesideTheReport(t *testing.T) {
	s := settings{out: "/tmp/report.md", curves: "here.svg"}.pictured()
	require.Equal(t, "/tmp/report.svg", s.svg)
	require.Equal(t, "here.svg", s.curves)
	require.Empty(t, settings{}.pictured().svg)
}
