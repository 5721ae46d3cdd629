package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
)

func TestZ15_ANewMemberIsGivenInOneOfTwoForms(t *testing.T) {
	laid := cell.Member{ID: 6, Client: "h:7401", Peer: "h:7411", HTTP: "h:7421"}
	m, err := memberArgs("6=h", nil)
	require.NoError(t, err)
	require.Equal(t, laid, m)
	m, err = memberArgs("6=[fe80::1]:7500", nil)
	require.NoError(t, err)
	require.Equal(t, cell.Member{ID: 6, Client: "[fe80::1]:7501", Peer: "[fe80::1]:7511", HTTP: "[fe80::1]:7521"}, m)
	m, err = memberArgs("6", []string{"peer=h:7411", "client=h:7401", "http=h:7421"})
	require.NoError(t, err)
	require.Equal(t, laid, m)
}

func TestZ15_MembersAreShownAndWhatMakesNoSenseIsRefused(t *testing.T) {
	d := newDesk(t)
	var all []map[string]any
	require.NoError(t, json.Unmarshal([]byte(d.types(0, "member ls -o json").out), &all))
	require.Len(t, all, 1)
	require.Equal(t, "master", all[0]["role"])
	require.Equal(t, true, all[0]["listed"])
	require.NotNil(t, all[0]["incarnation"])
	require.Contains(t, d.types(0, "member ls").out, "MEMBER  CLIENTS")
	for line, says := range map[string]string{
		"member replace 1":                            "OLD and the new replica are wanted",
		"member replace x 6=h":                        `"x" is not a replica's id`,
		"member replace 1 0=h":                        `"0" is not a replica's id`,
		"member replace 1 6=h:99999":                  "with a port from 1 to",
		"member replace 1 6=":                         `":7401" is not HOST:PORT`,
		"member replace 1 6=h peer=h:1":               "one argument too many",
		"member replace 1 6 client=h:1":               "peer= is missing",
		"member replace 1 6 clients=h:1":              "is not client=HOST:PORT",
		"member replace 1 6 client=h peer=h:1 http=h": "is not HOST:PORT",
	} {
		require.Contains(t, d.types(2, line).err, says, line)
	}
	require.Contains(t, d.types(3, "member replace 4 6=h").err, "replica 4 is not a member: those are 1")
	require.Contains(t, d.types(4, "member replace 1 6=h").err, "only 0 serve", "a cell of one replica")
}
